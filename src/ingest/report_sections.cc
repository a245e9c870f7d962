#include "ingest/report_sections.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"

namespace ascribe {
namespace {

// Whole words or phrases, in lower case, with blanks for everything but letters, digits and '&'.
constexpr std::array<std::string_view, 30> kIndicatorWords = {"indicator",
                                                              "indicators",
                                                              "ioc",
                                                              "iocs",
                                                              "hash",
                                                              "hashes",
                                                              "md5",
                                                              "sha1",
                                                              "sha 1",
                                                              "sha256",
                                                              "sha 256",
                                                              "md5s",
                                                              "c2",
                                                              "c2s",
                                                              "c&c",
                                                              "cnc",
                                                              "command and control",
                                                              "domains",
                                                              "urls",
                                                              "ip addresses",
                                                              "ips",
                                                              "network artifacts",
                                                              "artifacts",
                                                              "artefacts",
                                                              "observables",
                                                              "file names",
                                                              "filenames",
                                                              "mutex",
                                                              "mutexes",
                                                              "malicious files"};
constexpr std::array<std::string_view, 17> kReferenceWords = {
    "references", "reference",          "sources",   "source",       "read more", "further reading",
    "related",    "see also",           "links",     "bibliography", "footnotes", "external links",
    "resources",  "additional reading", "citations", "works cited",  "learn more"};
constexpr std::array<std::string_view, 17> kContactWords = {
    "about",           "contact",    "contacts", "contact us", "media inquiries", "media contact", "press contact",
    "press",           "disclaimer", "legal",    "subscribe",  "follow us",       "share",         "acknowledgements",
    "acknowledgments", "newsletter", "feedback"};

std::string Words(std::string_view text) {
  std::string words = " ";
  for (char c : AsciiLower(text)) {
    const bool keep =
        (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '&' || static_cast<unsigned char>(c) >= 0x80;
    if (keep) words += c;
    if (!keep && words.back() != ' ') words += ' ';
  }
  if (words.back() != ' ') words += ' ';
  return words;
}

template <std::size_t N>
bool HasAny(const std::string& words, const std::array<std::string_view, N>& list) {
  return std::any_of(list.begin(), list.end(),
                     [&](std::string_view w) { return words.find(" " + std::string(w) + " ") != std::string::npos; });
}
template <std::size_t N>
bool BeginsWithAny(const std::string& words, const std::array<std::string_view, N>& list) {
  return std::any_of(list.begin(), list.end(),
                     [&](std::string_view w) { return words.starts_with(" " + std::string(w) + " "); });
}

bool IsUnderline(std::string_view line) {
  line = Trim(line);
  return line.size() >= 3 && (line.find_first_not_of('=') == std::string_view::npos ||
                              line.find_first_not_of('-') == std::string_view::npos);
}

}  // namespace

std::optional<Section> SectionOfTitle(std::string_view title) {
  const std::string words = Words(title.substr(0, 200));
  if (HasAny(words, kIndicatorWords)) return Section::kIndicators;
  // "About" and "Sources" open a title; "what we know about the sources" is a title of the body.
  std::string rest = words;
  while (rest.size() > 2 && rest[1] >= '0' && rest[1] <= '9') rest.erase(0, rest.find(' ', 1));
  if (BeginsWithAny(rest, kReferenceWords)) return Section::kReferences;
  if (BeginsWithAny(rest, kContactWords)) return Section::kContact;
  return std::nullopt;
}

void SectionTracker::Enter(std::optional<Section> found, unsigned level) {
  list_ = false;
  if (!found && level > level_ && section_ != Section::kBody) return;
  section_ = found.value_or(Section::kBody);
  level_ = level;
}

void SectionTracker::Line(std::string_view line, std::string_view next, unsigned level, bool has_hits) {
  std::string_view title = Trim(line);
  if (title.empty()) {
    if (list_began_) list_ = false;
    return;
  }
  if (title.size() > 200 || (has_hits && level == 0)) {
    list_began_ = true;
    return;
  }
  if (level == 0 && title.front() == '#') {
    const std::size_t marks = title.find_first_not_of('#');
    if (marks != std::string_view::npos && marks <= 6 && title[marks] == ' ') level = static_cast<unsigned>(marks);
  }
  if (level == 0 && IsUnderline(next) && !IsUnderline(title)) level = Trim(next).front() == '=' ? 1 : 2;
  if (level == 0 && title.size() > 4 && title.starts_with("**") && (title.ends_with("**") || title.ends_with("**:")))
    level = 6;
  if (level > 0) return Enter(SectionOfTitle(title), level);

  const std::optional<Section> found = SectionOfTitle(title);
  if (found == Section::kIndicators) {
    const bool table = title.find('|') != std::string_view::npos || title.find('\t') != std::string_view::npos;
    const auto words = std::count(title.begin(), title.end(), ' ') + 1;
    if (!table && title.back() != ':' && words > 5) {
      list_began_ = true;
      return;  // a sentence
    }
    if (!table && title.back() != ':' && title.back() != '.') return Enter(found, 1);
    if (table || title.back() == ':') {
      list_ = true;
      list_began_ = table;
    }
    return;
  }
  if (found && title.size() <= 48 && title.back() != '.' && title.find("://") == std::string_view::npos &&
      std::count(title.begin(), title.end(), ' ') < 5 && title.front() >= 'A' && title.front() <= 'Z')
    return Enter(found, 1);
  list_began_ = true;
}

}  // namespace ascribe
