#include "ingest/report_pdf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ascribe {
namespace {

using testing::ElementsAre;

// A PDF with one line of text a page, without cross-reference table: readers rebuild it.
std::string MakePdf(const std::vector<std::string>& pages) {
  std::string kids, objects;
  int number = 4;
  for (const std::string& text : pages) {
    const std::string content = "BT /F1 12 Tf 72 700 Td (" + text + ") Tj ET";
    kids += std::to_string(number) + " 0 R ";
    objects += std::to_string(number) +
               " 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> "
               "/Contents " +
               std::to_string(number + 1) + " 0 R >>\nendobj\n" + std::to_string(number + 1) + " 0 obj\n<< /Length " +
               std::to_string(content.size()) + " >>\nstream\n" + content + "\nendstream\nendobj\n";
    number += 2;
  }
  return "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [" + kids +
         "] /Count " + std::to_string(pages.size()) +
         " >>\nendobj\n3 0 obj\n<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>\nendobj\n" + objects +
         "trailer\n<< /Root 1 0 R /Size " + std::to_string(number) + " >>\n%%EOF\n";
}

TEST(ReportPdf, PagesAndPositions) {
  Reading reading;
  const std::string text = "first page\n\fsecond: evil[.]com\n\f";
  AppendPdfText(text, reading);
  ASSERT_EQ(reading.facts.size(), 1u);
  EXPECT_EQ(reading.facts[0].object.ToString(), "domain:evil.com");
  EXPECT_EQ(reading.facts[0].locator.kind, Locator::Kind::kPage);
  EXPECT_EQ(reading.facts[0].locator.offset, 2u);
  EXPECT_EQ(reading.facts[0].locator.path, "bytes 0x8+10");
}

TEST(ReportPdf, RepeatedFootersAreLeftOut) {
  std::string text;
  for (int page = 1; page < 6; ++page) text += "body\nvisit lab.org today, page " + std::to_string(page) + "\n\f";
  Reading reading;
  AppendPdfText(text, reading);
  EXPECT_TRUE(reading.facts.empty());
  ASSERT_EQ(reading.diagnostics.size(), 1u);
  EXPECT_EQ(reading.diagnostics[0].code, "boilerplate");
}

TEST(ReportPdf, ThroughTheConverter) {
  if (!FindProgram("pdftotext")) GTEST_SKIP() << "pdftotext is not installed";
  const std::string pdf = MakePdf({"The wiper drops igfxtrayex.exe", "It asks evil[.]com"});
  EXPECT_EQ(SniffReportPdf(pdf, ""), 95);
  const Reading reading = ReadReportPdf(pdf, "a.pdf");
  ASSERT_EQ(reading.facts.size(), 2u);
  EXPECT_EQ(reading.facts[0].object.ToString(), "file-name:igfxtrayex.exe");
  EXPECT_EQ(reading.facts[0].locator.offset, 1u);
  EXPECT_EQ(reading.facts[1].object.ToString(), "domain:evil.com");
  EXPECT_EQ(reading.facts[1].locator.offset, 2u);
  EXPECT_EQ(reading.facts[1].extractor, "report-pdf@1");
}

TEST(ReportPdf, BrokenFilesAreDiagnostics) {
  if (!FindProgram("pdftotext")) GTEST_SKIP() << "pdftotext is not installed";
  for (const std::string& pdf :
       {std::string("%PDF-1.4\nrubbish"), std::string(), std::string("%PDF-1.7\n") + std::string(5000, '\xFF')}) {
    const Reading reading = ReadReportPdf(pdf, "a.pdf");
    EXPECT_TRUE(reading.facts.empty());
    ASSERT_FALSE(reading.diagnostics.empty());
    EXPECT_EQ(reading.diagnostics[0].code, "pdf-converter");
  }
  const Reading empty_page = ReadReportPdf(MakePdf({""}), "a.pdf");
  ASSERT_EQ(empty_page.diagnostics.size(), 1u);
  EXPECT_EQ(empty_page.diagnostics[0].code, "pdf-no-text");
}

TEST(ReportPdf, Sniffing) {
  EXPECT_GT(SniffReportPdf("rubbish\n%PDF-1.4", "a.pdf"), 50);
  EXPECT_EQ(SniffReportPdf("text", "a.pdf"), 0);
  EXPECT_GT(SniffReportPdf("%PD", "a.pdf"), 0);
  EXPECT_GT(SniffReportPdf("", "a.pdf"), 0);
}

}  // namespace
}  // namespace ascribe
