#include <algorithm>
#include <string>

#include "ingest/csv_facts.h"
#include "ingest/executable_facts.h"
#include "ingest/misp.h"
#include "ingest/ndjson_facts.h"
#include "ingest/pe.h"
#include "ingest/pieces.h"
#include "ingest/reader.h"
#include "ingest/report_html.h"
#include "ingest/report_pdf.h"
#include "ingest/report_text.h"
#include "ingest/statements.h"
#include "ingest/stix.h"
#include "ingest/utf16.h"

namespace ascribe {

// The order decides ties, and is the order in which `ascribe readers` lists them: own formats, exchange formats,
// binaries, reports; plain text last, because everything else is also text.
const std::vector<Reader>& Readers() {
  static const std::vector<Reader> kReaders = {
      {"facts-csv", kCsvFactsExtractor, "facts-csv", SniffCsvFacts, ReadCsvFacts, true},
      {"facts-ndjson", kFactLinesExtractor, "facts-ndjson", SniffNdjsonFacts, ReadNdjsonFacts, true},
      {"statements", kStatementsExtractor, "statements", SniffStatements, ReadStatements, true},
      {"stix", kStixExtractor, "stix-2.1", SniffStix, ReadStix, true},
      {"misp", kMispExtractor, "misp-event", SniffMisp, ReadMisp, true},
      {"pe", kPeExtractor, "pe", SniffPe, ReadPe},
      {"executable", kExecutableExtractor, "executable", SniffExecutable, ReadExecutable},
      {"archive", kArchiveExtractor, "archive", SniffArchive, ReadArchiveItself},
      {"report-pdf", kReportPdfExtractor, "report-pdf", SniffReportPdf, ReadReportPdf},
      {"report-html", kReportHtmlExtractor, "report-html", SniffReportHtml, ReadReportHtml, true},
      {"report-text", kReportTextExtractor, "report-text", SniffReportText, ReadReportText, true},
  };
  return kReaders;
}

const Reader* FindReader(ByteView bytes, std::string_view file_name) {
  const ByteView head(bytes.data(), std::min(bytes.size(), kSniffBytes));
  const bool utf16 = LooksUtf16(bytes);
  const std::string decoded = utf16 ? Utf16Text(head).text() : std::string();
  const Reader* best = nullptr;
  int best_score = 0;
  for (const Reader& reader : Readers()) {
    const int score = reader.sniff(reader.text && utf16 ? ByteView(decoded) : head, file_name);
    if (score <= best_score) continue;
    best_score = score;
    best = &reader;
  }
  return best;
}

}  // namespace ascribe
