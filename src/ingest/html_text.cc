#include "ingest/html_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "base/text.h"

namespace ascribe {
namespace {

struct Named {
  std::string_view name, text;
};
// The entities that stand in and around indicators; all others stay as written.
constexpr std::array<Named, 24> kEntities = {{
    {"amp", "&"},
    {"lt", "<"},
    {"gt", ">"},
    {"quot", "\""},
    {"apos", "'"},
    {"nbsp", " "},
    {"period", "."},
    {"commat", "@"},
    {"colon", ":"},
    {"sol", "/"},
    {"bsol", "\\"},
    {"lsqb", "["},
    {"lbrack", "["},
    {"rsqb", "]"},
    {"rbrack", "]"},
    {"lpar", "("},
    {"rpar", ")"},
    {"copy", "\xC2\xA9"},
    {"ndash", "\xE2\x80\x93"},
    {"mdash", "\xE2\x80\x94"},
    {"rsquo", "\xE2\x80\x99"},
    {"ldquo", "\xE2\x80\x9C"},
    {"rdquo", "\xE2\x80\x9D"},
    {"shy", ""},
}};
constexpr std::array<std::string_view, 34> kBlocks = {
    "p",   "div",   "br",    "li",    "ul",         "ol",      "dl",      "dt",     "dd",
    "tr",  "table", "thead", "tbody", "tfoot",      "section", "article", "header", "footer",
    "nav", "aside", "main",  "pre",   "blockquote", "hr",      "h1",      "h2",     "h3",
    "h4",  "h5",    "h6",    "title", "form",       "figure",  "body"};

std::string Utf8(std::uint32_t code) {
  if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return "\xEF\xBF\xBD";
  const auto byte = [](std::uint32_t value) { return static_cast<char>(static_cast<std::uint8_t>(value)); };
  if (code < 0x80) return {byte(code)};
  if (code < 0x800) return {byte(0xC0 | (code >> 6)), byte(0x80 | (code & 0x3F))};
  if (code < 0x10000) return {byte(0xE0 | (code >> 12)), byte(0x80 | ((code >> 6) & 0x3F)), byte(0x80 | (code & 0x3F))};
  return {byte(0xF0 | (code >> 18)), byte(0x80 | ((code >> 12) & 0x3F)), byte(0x80 | ((code >> 6) & 0x3F)),
          byte(0x80 | (code & 0x3F))};
}

bool IsNameChar(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// The entity at html[at] == '&': its length there (0: none) and its text.
std::size_t Entity(std::string_view html, std::size_t at, std::string& text) {
  std::string_view name = html.substr(at + 1, 12);
  std::size_t end = name.starts_with('#') ? 1 : 0;
  while (end < name.size() && IsNameChar(name[end])) ++end;
  name = name.substr(0, end);
  if (name.empty()) return 0;
  const std::size_t length = 1 + end + (html.substr(at + 1 + end).starts_with(';') ? 1 : 0);
  if (name[0] != '#') {
    for (const Named& entity : kEntities) {
      if (entity.name != name) continue;
      text = entity.text;
      return length;
    }
    return 0;
  }
  const bool hex = name.size() > 1 && (name[1] == 'x' || name[1] == 'X');
  const std::string_view digits = name.substr(hex ? 2 : 1);
  std::uint32_t code = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), code, hex ? 16 : 10);
  if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size()) return 0;
  text = Utf8(code);
  return length;
}

class Extractor {
 public:
  explicit Extractor(std::string_view html) : html_(html) {}

  HtmlText Run() {
    while (at_ < html_.size()) {
      const char c = html_[at_];
      if (c == '<' && Tag()) continue;
      if (c == '&' && Reference()) continue;
      // What a line break means in the source: a blank, except in preformatted text.
      if ((c == '\n' || c == '\r' || c == '\f') && !preformatted_) {
        Replace(at_, 1, out_.text.empty() || out_.text.back() == '\n' ? "" : " ");
        continue;
      }
      out_.text += c;
      ++at_;
    }
    CloseLink();
    return std::move(out_);
  }

 private:
  // [at, at + length) of the page becomes `text`.
  void Replace(std::size_t at, std::size_t length, std::string_view text) {
    out_.map.Add(out_.text.size(), text.size(), at, length);
    out_.text += text;
    at_ = at + length;
  }

  bool Reference() {
    std::string text;
    const std::size_t length = Entity(html_, at_, text);
    if (length == 0) return false;
    Replace(at_, length, text);
    return true;
  }

  // Skips to after `what`, any case, or to the end; each kind of ending is searched at most once without success.
  std::size_t After(std::string_view what, std::size_t from) {
    for (std::size_t at = html_.find(what.substr(0, 2), from); at != std::string_view::npos;
         at = html_.find(what.substr(0, 2), at + 1))
      if (StartsWithNoCase(html_.substr(at, what.size()), what)) return at + what.size();
    return html_.size();
  }

  bool Tag() {
    const std::string_view rest = html_.substr(at_);
    if (rest.starts_with("<!--")) {
      Replace(at_, After("-->", at_ + 4) - at_, "");
      return true;
    }
    std::size_t name_at = at_ + 1;
    const bool closing = name_at < html_.size() && html_[name_at] == '/';
    if (closing) ++name_at;
    std::size_t name_end = name_at;
    while (name_end < html_.size() && IsNameChar(html_[name_end]) && name_end - name_at < 16) ++name_end;
    const bool markup = rest.size() > 1 && (rest[1] == '!' || rest[1] == '?');
    if (name_end == name_at && !markup) return false;  // "a < b"
    const std::size_t end = EndOfTag(name_end);
    const std::string name = AsciiLower(html_.substr(name_at, name_end - name_at));
    const std::string_view attributes = html_.substr(name_end, end - name_end);
    std::size_t next = end;
    if (!closing && (name == "script" || name == "style" || name == "noscript" || name == "template" || name == "svg"))
      next = std::max(end, EndOfTag(After("</" + name, end)));
    const std::size_t begin = at_;
    if (name == "a") CloseLink();
    Replace(begin, next - begin, Separator(name, closing));
    if (name == "pre") preformatted_ = !closing;
    if (name.size() == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6' && !closing)
      out_.headings.emplace_back(out_.text.size(), static_cast<unsigned>(name[1] - '0'));
    if (name == "a" && !closing) OpenLink(attributes);
    return true;
  }

  // The position after the '>' that ends a tag. A quoted value may hold one, but a quote that never closes does not
  // swallow the page: it ends with the tag's line.
  [[nodiscard]] std::size_t EndOfTag(std::size_t at) const {
    constexpr std::size_t kLongestTag = 64 * 1024;  // data: URLs; more is text after a stray '<'
    const std::size_t limit = std::min(html_.size(), at + kLongestTag);
    char quote = '\0';
    std::size_t first_end = std::string_view::npos;
    for (; at < limit; ++at) {
      const char c = html_[at];
      if (c == '>' && first_end == std::string_view::npos) first_end = at + 1;
      if (quote != '\0') {
        if (c == quote) quote = '\0';
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == '>') {
        return at + 1;
      }
    }
    return first_end != std::string_view::npos ? first_end : limit;
  }

  [[nodiscard]] std::string_view Separator(const std::string& name, bool closing) const {
    const bool begins_line = out_.text.empty() || out_.text.back() == '\n' || out_.text.ends_with("| ");
    if (name == "td" || name == "th") return closing || !begins_line ? " | " : "";
    if (std::find(kBlocks.begin(), kBlocks.end(), name) == kBlocks.end()) return "";
    return out_.text.empty() || out_.text.back() == '\n' ? "" : "\n";
  }

  void OpenLink(std::string_view attributes) {
    const std::string lower = AsciiLower(attributes.substr(0, 4096));
    std::size_t at = lower.find("href");
    if (at == std::string::npos) return;
    link_ = out_.text.size();
    at = attributes.find_first_not_of(" \t\r\n=", at + 4);
    if (at == std::string_view::npos) return;
    const char quote = attributes[at] == '"' || attributes[at] == '\'' ? attributes[at] : '\0';
    std::string_view target = attributes.substr(quote != '\0' ? at + 1 : at);
    target = quote != '\0' ? target.substr(0, target.find(quote)) : target.substr(0, target.find_first_of(" \t\r\n>"));
    if (target.size() <= 2048 && out_.link_targets.size() < kMaxHtmlLinks &&
        (StartsWithNoCase(target.substr(0, 8), "http://") || StartsWithNoCase(target.substr(0, 8), "https://")))
      out_.link_targets.emplace_back(target);
  }

  void CloseLink() {
    if (link_ != std::string::npos && link_ < out_.text.size()) out_.links.emplace_back(link_, out_.text.size());
    link_ = std::string::npos;
  }

  std::string_view html_;
  std::size_t at_ = 0;
  std::size_t link_ = std::string::npos;  // where the text of the open <a href> begins
  bool preformatted_ = false;
  HtmlText out_;
};

}  // namespace

HtmlText ExtractHtmlText(std::string_view html) { return Extractor(html).Run(); }

}  // namespace ascribe
