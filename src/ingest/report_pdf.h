#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/process.h"
#include "model/reading.h"

namespace ascribe {

inline constexpr std::string_view kReportPdfExtractor = "report-pdf@1";

/// PDF files, by "%PDF-" within the first 1024 bytes (where readers of PDF look for it).
[[nodiscard]] int SniffReportPdf(ByteView head, std::string_view file_name);
/// Facts from the text that pdftotext (poppler-utils) extracts, located by page and byte range in the page's text. The
/// converter runs as a child process within PdfLimits(). When it is missing, fails or is stopped: one diagnostic.
[[nodiscard]] Reading ReadReportPdf(ByteView bytes, std::string_view file_name);

/// What follows the conversion: `text` as pdftotext prints it, pages ended by form feeds.
void AppendPdfText(std::string_view text, Reading& out);

/// 20 s of CPU: a report of 300 pages takes 1 s. 1 GiB: embedded images are decoded for their size only, but fonts and
/// streams are held. 64 MiB of text: some 20,000 pages. 60 s on the clock for a machine that is busy.
[[nodiscard]] ProcessLimits PdfLimits();

}  // namespace ascribe
