#include "ingest/refang.h"

#include <re2/re2.h>

#include <array>
#include <vector>

namespace ascribe {
namespace {

struct Mark {
  std::string_view from, to;
  bool between;  ///< only with a name character on both sides: "(.)" in prose is a smiley, "evil(.)com" is none
};

// Longest first among those with the same beginning. A lone "[." or ".]" is a bracket somebody forgot to close.
constexpr std::array<Mark, 34> kMarks = {{
    {"[://]", "://", false},   {"[:]//", "://", false}, {"[:]", ":", false},       {"[/]", "/", true},
    {" [dot] ", ".", true},    {"[dot]", ".", true},    {" (dot) ", ".", true},    {"(dot)", ".", true},
    {"{dot}", ".", true},      {"<dot>", ".", true},    {" [.] ", ".", true},      {"[.]", ".", true},
    {"(.)", ".", true},        {"{.}", ".", true},      {"[.", ".", true},         {".]", ".", true},
    {" [at] ", "@", true},     {"[at]", "@", true},     {" (at) ", "@", true},     {"(at)", "@", true},
    {"{at}", "@", true},       {"<at>", "@", true},     {" [@] ", "@", true},      {"[@]", "@", true},
    {"(@)", "@", true},        {"{@}", "@", true},      {"hxxps", "https", false}, {"hxxp", "http", false},
    {"hxtps", "https", false}, {"hxtp", "http", false}, {"htxps", "https", false}, {"htxp", "http", false},
    {"h**ps", "https", false}, {"h**p", "http", false},
}};
constexpr std::string_view kFirstBytes = "[({< .hH";

bool IsNameByte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool StartsLike(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) return false;
  for (std::size_t i = 0; i < lower.size(); ++i)
    if (text[i] != lower[i] && (lower[i] < 'a' || lower[i] > 'z' || (text[i] | 0x20) != lower[i])) return false;
  return true;
}

const Mark* MarkAt(std::string_view line, std::size_t at) {
  for (const Mark& mark : kMarks) {
    if (!StartsLike(line.substr(at), mark.from)) continue;
    const std::size_t after = at + mark.from.size();
    const bool before_ok = at > 0 && IsNameByte(line[at - 1]);
    if (mark.from[0] == 'h') {  // a scheme: not inside a word, and its colon must follow
      if (before_ok || after >= line.size() || (line[after] != ':' && line[after] != '[')) continue;
    } else if (mark.between && (!before_ok || after >= line.size() || !IsNameByte(line[after]))) {
      continue;
    }
    return &mark;
  }
  return nullptr;
}

// "evil dot com" in words: only before a common ending, because "a dot in the middle" is English.
std::vector<std::pair<std::size_t, std::size_t>> SpelledDots(std::string_view line) {
  static const auto& kSpelled = *new RE2(
      R"((?i)\b[a-z0-9-]+(?: dot [a-z0-9-]+)* dot (?:com|net|org|info|biz|ru|cn|kr|kp|ir|onion)\b)", RE2::Latin1);
  std::vector<std::pair<std::size_t, std::size_t>> dots;
  if (line.find(" dot ") == std::string_view::npos) return dots;
  const re2::StringPiece input(line.data(), line.size());
  re2::StringPiece match;
  for (std::size_t at = 0; kSpelled.Match(input, at, line.size(), RE2::UNANCHORED, &match, 1);) {
    const auto begin = static_cast<std::size_t>(match.data() - line.data());
    at = begin + match.size();
    for (std::size_t dot = line.find(" dot ", begin); dot < at; dot = line.find(" dot ", dot + 4))
      dots.push_back({dot, 5});
  }
  return dots;
}

}  // namespace

Refanged::Refanged(std::string_view line) : line_(line) {
  const auto dots = SpelledDots(line);
  std::size_t next_dot = 0, copied = 0;
  const auto replace = [&](std::size_t at, std::size_t length, std::string_view with) {
    rewritten_.append(line, copied, at - copied);
    map_.Add(rewritten_.size(), with.size(), at, length);
    rewritten_ += with;
    copied = at + length;
  };
  for (std::size_t i = line.find_first_of(kFirstBytes); i != std::string_view::npos;
       i = line.find_first_of(kFirstBytes, i)) {
    while (next_dot < dots.size() && dots[next_dot].first < i) ++next_dot;
    if (next_dot < dots.size() && dots[next_dot].first == i) {
      replace(i, dots[next_dot].second, ".");
      i = copied;
    } else if (const Mark* mark = MarkAt(line, i); mark != nullptr) {
      replace(i, mark->from.size(), mark->to);
      i = copied;
    } else {
      ++i;
    }
  }
  if (!map_.empty()) rewritten_.append(line, copied, line.size() - copied);
}

}  // namespace ascribe
