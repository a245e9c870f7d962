#include "ingest/report_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/text.h"
#include "ingest/report_facts.h"

namespace ascribe {
namespace {

// Length of the UTF-8 sequence that begins at `at`, judged by its shape; 0 when there is none.
std::size_t SequenceLength(std::string_view bytes, std::size_t at) {
  const auto lead = static_cast<unsigned char>(bytes[at]);
  const std::size_t length = lead < 0x80                   ? 1
                             : lead >= 0xC2 && lead < 0xE0 ? 2
                             : lead >= 0xE0 && lead < 0xF0 ? 3
                             : lead >= 0xF0 && lead < 0xF5 ? 4
                                                           : 0;
  if (length == 0 || at + length > bytes.size()) return 0;
  for (std::size_t k = 1; k < length; ++k)
    if ((static_cast<unsigned char>(bytes[at + k]) & 0xC0) != 0x80) return 0;
  return length;
}

}  // namespace

double TextShare(std::string_view bytes) {
  if (bytes.empty()) return 1;
  std::size_t good = 0;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t length = SequenceLength(bytes, at);
    const auto byte = static_cast<unsigned char>(bytes[at]);
    const bool control = byte < 0x20 && byte != '\n' && byte != '\r' && byte != '\t' && byte != '\f';
    if (length > 0 && !control && byte != 0x7F) good += length;
    at += std::max<std::size_t>(length, 1);
  }
  return static_cast<double>(good) / static_cast<double>(bytes.size());
}

int SniffReportText(ByteView head, std::string_view file_name) {
  const std::string name = AsciiLower(file_name);
  const bool named =
      name.ends_with(".txt") || name.ends_with(".md") || name.ends_with(".markdown") || name.ends_with(".text");
  if (head.empty()) return named ? 5 : 0;
  if (head.text().find('\0') != std::string_view::npos) return 0;  // binaries
  const double share = TextShare(head.text());
  if (share >= 0.99) return named ? 20 : 10;
  return share >= 0.85 ? 5 : 0;
}

Reading ReadReportText(ByteView bytes, std::string_view) {
  Reading reading;
  const std::string_view text = bytes.text();
  std::size_t bad = 0, first_bad = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = SequenceLength(text, at);
    if (length == 0 && bad++ == 0) first_bad = at;
    at += std::max<std::size_t>(length, 1);
  }
  if (bad > 0)
    reading.diagnostics.push_back(
        {Diagnostic::Severity::kWarning,
         {},
         {Locator::Kind::kByteRange, first_bad, 1, {}},
         "bad-utf8",
         fmt::format("{} bytes are no UTF-8, the first at 0x{:x}; read as they are", bad, first_bad)});
  ReportLayout layout;
  layout.text = text;
  AppendReportFacts(
      layout, kReportTextExtractor,
      [](std::size_t offset, std::size_t length) { return Locator{Locator::Kind::kByteRange, offset, length, {}}; },
      reading);
  return reading;
}

}  // namespace ascribe
