#include "ingest/report_pdf.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "ingest/report_facts.h"

namespace ascribe {
namespace {

using Severity = Diagnostic::Severity;

void Note(Reading& out, Severity severity, std::string code, std::string text) {
  out.diagnostics.push_back({severity, {}, {}, std::move(code), std::move(text)});
}

std::string Why(const ProcessOutcome& outcome, const ProcessLimits& limits) {
  switch (outcome.end) {
    case ProcessEnd::kCpuTimeout:
      return fmt::format("stopped after {} s of CPU time", limits.cpu.count());
    case ProcessEnd::kWallTimeout:
      return fmt::format("stopped after {} s", limits.wall.count() / 1000);
    case ProcessEnd::kOutputLimit:
      return fmt::format("stopped after {} MiB of text", limits.output_bytes >> 20);
    case ProcessEnd::kSignalled:
      return fmt::format("crashed with signal {}", outcome.status);
    case ProcessEnd::kExited:
      break;
  }
  std::string_view errors = Trim(outcome.errors);
  errors = errors.substr(0, errors.find('\n'));
  return fmt::format("ended with status {}{}{}", outcome.status, errors.empty() ? "" : ": ",
                     TerminalSafe(Ellipsize(errors, 160)));
}

}  // namespace

ProcessLimits PdfLimits() {
  ProcessLimits limits;
  limits.cpu = std::chrono::seconds(20);
  limits.wall = std::chrono::seconds(60);
  limits.memory_bytes = std::uint64_t{1} << 30;
  limits.output_bytes = std::uint64_t{64} << 20;
  limits.file_bytes = 0;  // it prints to a pipe and has no business writing files
  return limits;
}

int SniffReportPdf(ByteView head, std::string_view file_name) {
  const bool named = AsciiLower(file_name).ends_with(".pdf");
  if (head.text().starts_with("%PDF-")) return 95;
  if (head.text().substr(0, 1024).find("%PDF-") != std::string_view::npos) return named ? 80 : 40;
  return named && (head.empty() || std::string_view("%PDF-").starts_with(head.text())) ? 30 : 0;
}

void AppendPdfText(std::string_view text, Reading& out) {
  std::vector<std::size_t> pages = {0};  // where each page begins
  for (std::size_t at = text.find('\f'); at != std::string_view::npos; at = text.find('\f', at + 1))
    pages.push_back(at + 1);
  ReportLayout layout;
  layout.text = text;
  AppendReportFacts(
      layout, kReportPdfExtractor,
      [&](std::size_t offset, std::size_t length) {
        const auto page =
            static_cast<std::size_t>(std::upper_bound(pages.begin(), pages.end(), offset) - pages.begin());
        return Locator{Locator::Kind::kPage, page, length,
                       fmt::format("bytes 0x{:x}+{}", offset - pages[page - 1], length)};
      },
      out);
}

Reading ReadReportPdf(ByteView bytes, std::string_view) {
  Reading reading;
  const Result<std::string> program = FindProgram("pdftotext");
  if (!program) {
    Note(reading, Severity::kWarning, "pdf-no-converter",
         "the PDF is not read: install pdftotext (Debian: apt-get install poppler-utils)");
    return reading;
  }
  const ProcessLimits limits = PdfLimits();
  const Result<ProcessOutcome> outcome =
      RunProcess({*program, "-q", "-enc", "UTF-8", "-eol", "unix", "-", "-"}, bytes, limits);
  if (!outcome) {
    Note(reading, Severity::kError, "pdf-no-converter", "the PDF is not read: " + outcome.error().message);
    return reading;
  }
  const bool whole = outcome->end == ProcessEnd::kExited && outcome->status == 0;
  if (!whole)
    Note(reading, outcome->output.empty() ? Severity::kError : Severity::kWarning, "pdf-converter",
         fmt::format("pdftotext {}; {}", Why(*outcome, limits),
                     outcome->output.empty() ? "nothing was read" : "what came before is read"));
  if (whole && Trim(outcome->output).empty())
    Note(reading, Severity::kWarning, "pdf-no-text", "the PDF has no text: scanned pages need text recognition first");
  AppendPdfText(outcome->output, reading);
  return reading;
}

}  // namespace ascribe
