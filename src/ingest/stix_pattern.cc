#include "ingest/stix_pattern.h"

#include <fmt/format.h>

#include <utility>

#include "base/text.h"

namespace ascribe {
namespace {

bool IsWord(char c) {
  const auto u = static_cast<unsigned char>(c);
  return u >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<StixPattern> Run() {
    TRY(Observations(0));
    SkipSpace();
    if (at_ != text_.size()) return Bad("text after the end of the pattern");
    return std::move(out_);
  }

 private:
  tl::unexpected<Error> Bad(std::string_view why) const {
    return Fail(ErrorCode::kInvalidInput, fmt::format("pattern, byte {}: {}", at_, why));
  }
  static tl::unexpected<Error> TooDeep() {
    return Fail(ErrorCode::kLimitExceeded, fmt::format("pattern nested deeper than {}", kMaxPatternDepth));
  }

  void SkipSpace() {
    while (at_ < text_.size() && (text_[at_] == ' ' || (text_[at_] >= '\t' && text_[at_] <= '\r'))) ++at_;
  }
  bool Eat(char c) {
    SkipSpace();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  // A keyword: letters only, case as in the standard, not followed by a word character.
  bool EatWord(std::string_view word) {
    SkipSpace();
    if (!text_.substr(at_).starts_with(word)) return false;
    const std::size_t end = at_ + word.size();
    if (end < text_.size() && IsWord(text_[end])) return false;
    at_ = end;
    return true;
  }
  std::string_view Word() {
    SkipSpace();
    const std::size_t start = at_;
    while (at_ < text_.size() && IsWord(text_[at_])) ++at_;
    return text_.substr(start, at_ - start);
  }

  Status Observations(int depth) {
    if (depth > kMaxPatternDepth) return TooDeep();
    do {
      if (Eat('[')) {
        TRY(Comparisons(depth + 1));
        if (!Eat(']')) return Bad("expected ]");
      } else if (Eat('(')) {
        TRY(Observations(depth + 1));
        if (!Eat(')')) return Bad("expected )");
      } else {
        return Bad("expected [ or (");
      }
      TRY(Qualifiers());
    } while (EatWord("AND") || EatWord("OR") || EatWord("FOLLOWEDBY"));
    return {};
  }

  Status Qualifiers() {
    for (;;) {
      std::string ignored;
      if (EatWord("WITHIN")) {
        TRY(Literal(ignored));
        if (!EatWord("SECONDS")) return Bad("expected SECONDS");
      } else if (EatWord("REPEATS")) {
        TRY(Literal(ignored));
        if (!EatWord("TIMES")) return Bad("expected TIMES");
      } else if (EatWord("START")) {
        TRY(Literal(ignored));
        if (!EatWord("STOP")) return Bad("expected STOP");
        TRY(Literal(ignored));
      } else {
        return {};
      }
    }
  }

  Status Comparisons(int depth) {
    if (depth > kMaxPatternDepth) return TooDeep();
    do {
      if (Eat('(')) {
        TRY(Comparisons(depth + 1));
        if (!Eat(')')) return Bad("expected )");
      } else {
        TRY(Comparison());
      }
    } while (EatWord("AND") || EatWord("OR"));
    return {};
  }

  Status Comparison() {
    SkipSpace();
    const std::size_t start = at_;
    const bool exists = EatWord("EXISTS");
    StixTerm term;
    TRY(Path(term));
    if (exists) return Refuse(start, "asks for existence only");
    const bool negated = EatWord("NOT");
    for (std::string_view op : {"!=", "<>", "<=", ">=", "<", ">"}) {
      SkipSpace();
      if (!text_.substr(at_).starts_with(op)) continue;
      at_ += op.size();
      TRY(Literal(term.value));
      return Refuse(start, "names no value");
    }
    if (Eat('=')) {
      Eat('=');  // == is allowed for =
      TRY(Literal(term.value));
      return negated ? Refuse(start, "is negated") : Keep(std::move(term));
    }
    if (EatWord("ISSUBSET")) {
      TRY(Literal(term.value));
      return negated ? Refuse(start, "is negated") : Keep(std::move(term));
    }
    if (EatWord("IN")) return Set(start, negated, term);
    if (EatWord("LIKE") || EatWord("MATCHES") || EatWord("ISSUPERSET")) {
      TRY(Literal(term.value));
      return Refuse(start, "names no value");
    }
    return Bad("expected a comparison operator");
  }

  Status Set(std::size_t start, bool negated, const StixTerm& of) {
    if (!Eat('(')) return Bad("expected ( after IN");
    do {
      StixTerm term = of;
      TRY(Literal(term.value));
      if (!negated) TRY(Keep(std::move(term)));
    } while (Eat(','));
    if (!Eat(')')) return Bad("expected ) at the end of a set");
    return negated ? Refuse(start, "is negated") : Status{};
  }

  Status Path(StixTerm& term) {
    term.object_type = Word();
    if (term.object_type.empty() || !Eat(':')) return Bad("expected object-type:property");
    do {
      if (!term.path.empty()) term.path += '.';
      SkipSpace();
      if (at_ < text_.size() && text_[at_] == '\'') {
        TRY(Quoted(term.path));
      } else {
        const std::string_view step = Word();
        if (step.empty()) return Bad("expected a property name");
        term.path += step;
      }
      while (Eat('[')) {
        const std::size_t close = text_.find(']', at_);
        if (close == std::string_view::npos || close - at_ > 20) return Bad("expected ] after a list step");
        at_ = close + 1;
      }
    } while (Eat('.'));
    return {};
  }

  // '…' with \' and \\ ; appended to `out`.
  Status Quoted(std::string& out) {
    ++at_;
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\'') {
        ++at_;
        return {};
      }
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      out += text_[at_];
    }
    return Bad("string without end");
  }

  // A string, t'…', h'…', b'…', a number or a boolean, as text.
  Status Literal(std::string& out) {
    SkipSpace();
    if (at_ + 1 < text_.size() && text_[at_ + 1] == '\'' &&
        (text_[at_] == 't' || text_[at_] == 'h' || text_[at_] == 'b'))
      ++at_;
    if (at_ < text_.size() && text_[at_] == '\'') return Quoted(out);
    const std::size_t start = at_;
    while (at_ < text_.size() && (IsWord(text_[at_]) || text_[at_] == '.' || text_[at_] == '+')) ++at_;
    if (at_ == start) return Bad("expected a value");
    out = text_.substr(start, at_ - start);
    return {};
  }

  Status Keep(StixTerm term) {
    if (out_.terms.size() >= kMaxPatternTerms)
      return Fail(ErrorCode::kLimitExceeded, fmt::format("pattern with more than {} values", kMaxPatternTerms));
    out_.terms.push_back(std::move(term));
    return {};
  }
  Status Refuse(std::size_t start, std::string_view why) {
    constexpr std::size_t kMaxRefused = 20;  // more of them teach nobody anything
    if (out_.refused.size() < kMaxRefused)
      out_.refused.push_back(fmt::format("{} {}", Ellipsize(text_.substr(start, at_ - start), 120), why));
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  StixPattern out_;
};

}  // namespace

Result<StixPattern> ParseStixPattern(std::string_view text) {
  if (text.size() > kMaxPatternBytes)
    return Fail(ErrorCode::kLimitExceeded, fmt::format("pattern longer than {} bytes", kMaxPatternBytes));
  return Parser(text).Run();
}

}  // namespace ascribe
