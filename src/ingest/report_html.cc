#include "ingest/report_html.h"

#include <fmt/format.h>

#include <array>
#include <string>

#include "base/text.h"
#include "ingest/html_text.h"
#include "ingest/report_facts.h"

namespace ascribe {

int SniffReportHtml(ByteView head, std::string_view file_name) {
  const std::string name = AsciiLower(file_name);
  const bool named = name.ends_with(".html") || name.ends_with(".htm") || name.ends_with(".xhtml");
  if (head.empty()) return named ? 20 : 0;
  if (head.text().find('\0') != std::string_view::npos) return 0;
  std::string_view text = head.text();
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const std::string begin = AsciiLower(Trim(text).substr(0, 1024));
  if (begin.starts_with("<!doctype html") || begin.starts_with("<html")) return 90;
  if (!begin.starts_with('<')) return named && head.text().find("</") != std::string_view::npos ? 30 : 0;
  for (std::string_view tag : {"<html", "<head", "<body", "<div", "<p>", "<h1", "<title", "<meta"})
    if (begin.find(tag) != std::string::npos) return named ? 80 : 60;
  return named ? 40 : 0;
}

Reading ReadReportHtml(ByteView bytes, std::string_view) {
  Reading reading;
  if (bytes.size() > kMaxHtmlBytes)
    reading.diagnostics.push_back({Diagnostic::Severity::kWarning,
                                   {},
                                   {},
                                   "limit-html",
                                   fmt::format("only the first {} MiB of the page are read", kMaxHtmlBytes >> 20)});
  HtmlText page = ExtractHtmlText(bytes.text().substr(0, kMaxHtmlBytes));
  ReportLayout layout;
  layout.text = page.text;
  layout.headings = std::move(page.headings);
  layout.links = std::move(page.links);
  layout.link_targets = std::move(page.link_targets);
  AppendReportFacts(
      layout, kReportHtmlExtractor,
      [&](std::size_t offset, std::size_t length) {
        const std::size_t begin = page.map.Begin(offset);
        return Locator{Locator::Kind::kByteRange, begin, page.map.End(offset + length) - begin, {}};
      },
      reading);
  return reading;
}

}  // namespace ascribe
