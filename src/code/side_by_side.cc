#include "code/side_by_side.h"

#include <algorithm>

#include "disasm/decoder.h"
#include "disasm/function_body.h"

namespace ascribe {
namespace {

struct Side {
  std::vector<std::uint64_t> shape, exact;
  std::vector<std::string> text;
  std::vector<std::uint64_t> address;
  std::vector<std::uint8_t> length;
  std::vector<bool> leads;
  std::size_t blocks = 0;
  bool cut = false;
};

Side ReadSide(const FunctionIn& function, std::size_t limit) {
  Decoder decoder(function.executable);
  FunctionBody body;
  body.Read(decoder, function.executable, function.address, function.end);
  Side side;
  side.blocks = body.leaders.size();
  const std::size_t count = std::min(body.instructions.size(), std::min(limit, kMaxSideInstructions));
  side.cut = count < body.instructions.size();
  side.leads.assign(count, false);
  for (std::uint32_t leader : body.leaders)
    if (leader < count) side.leads[leader] = true;
  for (std::size_t i = 0; i < count; ++i) {
    const Instruction& in = body.instructions[i];
    side.shape.push_back(ShapeHash(in));
    side.exact.push_back(ExactHash(in));
    side.address.push_back(in.address);
    side.length.push_back(in.length);
    side.text.push_back(decoder.Text(function.executable.At(in.address), in.address));
  }
  return side;
}

// Blocks of `a` whose instructions are all the same as those of one whole block of `b`: at[i] is the line of a's
// instruction i, same[i] the instruction of b that it is the same as, npos when none is.
void MarkEqualBlocks(const Side& a, const Side& b, const std::vector<std::size_t>& at, const std::vector<std::size_t>& same, SideBySide& out) {
  constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  for (std::size_t first = 0, last = 0; first < at.size(); first = last) {
    last = first + 1;
    while (last < at.size() && !a.leads[last]) ++last;
    const std::size_t there = same[first];
    // A block that was cut off is not known whole.
    bool equal = there != kNone && b.leads[there] && !(last == at.size() && out.cut);
    for (std::size_t k = 1; equal && first + k < last; ++k) equal = same[first + k] == there + k && !b.leads[there + k];
    const std::size_t behind = there + (last - first);
    if (!equal || (behind < b.leads.size() && !b.leads[behind])) continue;
    out.lines[at[first]].equal_block = true;
    ++out.equal_blocks;
  }
}

}  // namespace

SideBySide CompareFunctions(const SampleCode& left, const CodeFunction& left_function, const SampleCode& right,
                            const CodeFunction& right_function) {
  return CompareFunctions({left.executable, left_function.address, left_function.end}, {right.executable, right_function.address, right_function.end});
}

SideBySide CompareFunctions(const FunctionIn& left, const FunctionIn& right, std::size_t limit) {
  const Side a = ReadSide(left, limit), b = ReadSide(right, limit);
  const std::size_t n = a.shape.size(), m = b.shape.size();
  // best[i][j]: the most that can be aligned of a from i and b from j. Equal instructions count a little more than
  // those that only look alike, so that of two alignments the one with equal operands wins.
  constexpr std::uint16_t kSame = 5, kLike = 4;
  std::vector<std::uint16_t> best((n + 1) * (m + 1), 0);
  const auto at = [&](std::size_t i, std::size_t j) -> std::uint16_t& { return best[i * (m + 1) + j]; };
  const auto worth = [&](std::size_t i, std::size_t j) -> std::uint16_t {
    return a.exact[i] == b.exact[j] ? kSame : a.shape[i] == b.shape[j] ? kLike : std::uint16_t{0};
  };
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t j = m; j-- > 0;) {
      std::uint16_t value = std::max(at(i + 1, j), at(i, j + 1));
      if (const std::uint16_t w = worth(i, j); w > 0) value = std::max(value, static_cast<std::uint16_t>(at(i + 1, j + 1) + w));
      at(i, j) = value;
    }
  }
  SideBySide out;
  out.cut = a.cut || b.cut;
  out.left_blocks = a.blocks;
  out.right_blocks = b.blocks;
  std::vector<std::size_t> line_of(n), same_as(n, static_cast<std::size_t>(-1));
  std::size_t i = 0, j = 0;
  while (i < n || j < m) {
    SideLine line;
    const std::uint16_t w = i < n && j < m ? worth(i, j) : std::uint16_t{0};
    const bool both = w > 0 && at(i, j) == at(i + 1, j + 1) + w;
    const bool only_left = !both && (j == m || (i < n && at(i + 1, j) >= at(i, j + 1)));
    if (both || only_left) {
      line.left_address = a.address[i];
      line.left = a.text[i];
      line.left_length = a.length[i];
      line_of[i] = out.lines.size();
      line.begins_block = a.leads[i];
    }
    if (!only_left) {
      line.right_address = b.address[j];
      line.right = b.text[j];
      line.right_length = b.length[j];
      if (!both) line.begins_block = b.leads[j];
    }
    if (both) {
      line.likeness = w == kSame ? SideLine::Likeness::kSame : SideLine::Likeness::kOperandsDiffer;
      if (w == kSame) same_as[i] = j;
      else DifferingOperands(line.left, line.right, line.left_differs, line.right_differs);
      ++(w == kSame ? out.same : out.operands_differ);
    } else {
      line.likeness = only_left ? SideLine::Likeness::kOnlyLeft : SideLine::Likeness::kOnlyRight;
      ++(only_left ? out.only_left : out.only_right);
    }
    if (both || only_left) ++i;
    if (!only_left) ++j;
    out.lines.push_back(std::move(line));
  }
  MarkEqualBlocks(a, b, line_of, same_as, out);
  return out;
}

}  // namespace ascribe
