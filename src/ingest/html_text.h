#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ingest/offset_map.h"

namespace ascribe {

/// The visible text of an HTML page, tolerant of anything: unclosed tags, unknown entities, binary rubbish. Blocks are
/// on lines of their own; table cells of a row are separated by " | ". Script, style, comments and attributes are not
/// text. The map leads from every byte of `text` to the bytes of the page it was made from.
struct HtmlText {
  std::string text;
  OffsetMap map;
  std::vector<std::pair<std::size_t, unsigned>> headings;  ///< beginning of the text of h1..h6, and the level
  std::vector<std::pair<std::size_t, std::size_t>> links;  ///< [begin, end) of the text inside <a href>
  std::vector<std::string> link_targets;                   ///< absolute http(s) targets, at most kMaxHtmlLinks
};

/// Linear in the size of the page.
[[nodiscard]] HtmlText ExtractHtmlText(std::string_view html);

/// Targets only serve to find the publisher; a page with more than this is an index.
inline constexpr std::size_t kMaxHtmlLinks = 10'000;

}  // namespace ascribe
