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
  std::vector<bool> leads;
  bool cut = false;
};

Side ReadSide(const SampleCode& sample, const CodeFunction& function) {
  Decoder decoder(sample.executable);
  FunctionBody body;
  body.Read(decoder, sample.executable, function.address, function.end);
  Side side;
  const std::size_t count = std::min(body.instructions.size(), kMaxSideInstructions);
  side.cut = count < body.instructions.size();
  side.leads.assign(count, false);
  for (std::uint32_t leader : body.leaders)
    if (leader < count) side.leads[leader] = true;
  for (std::size_t i = 0; i < count; ++i) {
    const Instruction& in = body.instructions[i];
    side.shape.push_back(ShapeHash(in));
    side.exact.push_back(ExactHash(in));
    side.address.push_back(in.address);
    side.text.push_back(decoder.Text(sample.executable.At(in.address), in.address));
  }
  return side;
}

}  // namespace

SideBySide CompareFunctions(const SampleCode& left, const CodeFunction& left_function, const SampleCode& right,
                            const CodeFunction& right_function) {
  const Side a = ReadSide(left, left_function), b = ReadSide(right, right_function);
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
  std::size_t i = 0, j = 0;
  while (i < n || j < m) {
    SideLine line;
    const std::uint16_t w = i < n && j < m ? worth(i, j) : std::uint16_t{0};
    const bool both = w > 0 && at(i, j) == at(i + 1, j + 1) + w;
    const bool only_left = !both && (j == m || (i < n && at(i + 1, j) >= at(i, j + 1)));
    if (both || only_left) {
      line.left_address = a.address[i];
      line.left = a.text[i];
      line.begins_block = a.leads[i];
    }
    if (!only_left) {
      line.right_address = b.address[j];
      line.right = b.text[j];
      if (!both) line.begins_block = b.leads[j];
    }
    if (both) {
      line.likeness = w == kSame ? SideLine::Likeness::kSame : SideLine::Likeness::kOperandsDiffer;
      ++(w == kSame ? out.same : out.operands_differ);
    } else {
      line.likeness = only_left ? SideLine::Likeness::kOnlyLeft : SideLine::Likeness::kOnlyRight;
      ++(only_left ? out.only_left : out.only_right);
    }
    if (both || only_left) ++i;
    if (!only_left) ++j;
    out.lines.push_back(std::move(line));
  }
  return out;
}

}  // namespace ascribe
