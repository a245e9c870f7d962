#include "code/operand_marks.h"

#include <algorithm>

namespace ascribe {
namespace {

// What follows the mnemonic, parted by ", ".
TextSpans Operands(const std::string& text) {
  TextSpans out;
  for (std::size_t at = text.find(' '); at != std::string::npos;) {
    const std::size_t begin = text[at] == ' ' ? at + 1 : at + 2;
    const std::size_t end = text.find(", ", begin);
    out.emplace_back(static_cast<std::uint32_t>(begin),
                     static_cast<std::uint32_t>((end == std::string::npos ? text.size() : end) - begin));
    at = end;
  }
  return out;
}

}  // namespace

void DifferingOperands(const std::string& a, const std::string& b, TextSpans& in_a, TextSpans& in_b) {
  const TextSpans left = Operands(a), right = Operands(b);
  for (std::size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
    const bool same = i < left.size() && i < right.size() &&
                      a.compare(left[i].first, left[i].second, b, right[i].first, right[i].second) == 0;
    if (same) continue;
    if (i < left.size()) in_a.push_back(left[i]);
    if (i < right.size()) in_b.push_back(right[i]);
  }
}

std::string WithMarks(const std::string& text, const TextSpans& spans, const std::string& before,
                      const std::string& after, const std::function<std::string(const std::string&)>& safe) {
  std::string out;
  std::size_t at = 0;
  for (const auto& [begin, length] : spans) {
    if (begin < at || begin > text.size() || length > text.size() - begin) continue;
    out += safe(text.substr(at, begin - at)) + before + safe(text.substr(begin, length)) + after;
    at = begin + length;
  }
  return out + safe(text.substr(at));
}

}  // namespace ascribe
