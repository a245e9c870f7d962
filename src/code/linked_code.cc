#include "code/linked_code.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/hash64.h"
#include "code/kept_code.h"
#include "code/side_by_side.h"

namespace ascribe {
namespace {

// What a shared feature says about the pair of functions that hold it. Code that is equal weighs more than any value, values
// that must keep working more than texts, which can be typed in; the numbers only order what is shown.
struct Kind {
  double weight;
  const char* name;
};
Kind KindOf(std::uint64_t feature) {
  switch (static_cast<CodeChannel>(ChannelOf(feature))) {
    case CodeChannel::kFunction:
      return {16, "the whole function"};
    case CodeChannel::kBlock:
      return {4, "a block"};
    case CodeChannel::kShape:
      return {4, "its shape"};
    case CodeChannel::kConstant:
      return {2, "a number"};
    case CodeChannel::kTable:
      return {2, "a table"};
    case CodeChannel::kText:
      return {1, "a text"};
    case CodeChannel::kImport:
      return {1, "an import"};
    default:
      return {.5, "instructions"};
  }
}

std::string Hex(ByteView bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    out += kDigits[bytes.data()[i] >> 4];
    out += kDigits[bytes.data()[i] & 15];
  }
  return out;
}

CodeSide SideOf(const Executable& executable, std::uint64_t address, std::uint8_t length, const std::string& text) {
  CodeSide side;
  if (length == 0) return side;
  side.address = address;
  side.offset = executable.OffsetOf(address).value_or(0);
  const ByteView bytes = executable.At(address);
  side.bytes = Hex(*bytes.Slice(0, std::min<std::uint64_t>(length, bytes.size())));
  side.text = text;
  return side;
}

// The stretch of kShownRows lines from the beginning of a block on that has most in common; of equals the first.
std::size_t BestStretch(const std::vector<SideLine>& lines) {
  if (lines.size() <= kShownRows) return 0;
  std::vector<std::size_t> common(lines.size() + 1, 0);
  for (std::size_t i = 0; i < lines.size(); ++i)
    common[i + 1] = common[i] + (lines[i].likeness == SideLine::Likeness::kSame ? 2 : lines[i].likeness == SideLine::Likeness::kOperandsDiffer ? 1 : 0);
  std::size_t best = 0;
  const auto worth = [&](std::size_t from) { return common[std::min(lines.size(), from + kShownRows)] - common[from]; };
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (lines[i].begins_block && worth(i) > worth(best)) best = i;
  return best;
}

void ShowFunction(const Executable& a, const Executable& b, FunctionComparison& f) {
  // Sizes may come out of a forged file; no function that was found is longer.
  const auto in = [](const Executable& executable, const FunctionComparison::Function& function) {
    return FunctionIn{executable, function.address, function.address + std::min(function.size, kMaxFunctionBytes)};
  };
  const SideBySide side = CompareFunctions(in(a, f.a), in(b, f.b), kAlignedInstructions);
  f.a.blocks = side.left_blocks;
  f.b.blocks = side.right_blocks;
  f.equal = side.same;
  f.other_operands = side.operands_differ;
  f.only_a = side.only_left;
  f.only_b = side.only_right;
  f.blocks_equal = side.equal_blocks;
  f.cut = side.cut;
  f.rows_before = BestStretch(side.lines);
  const std::size_t end = std::min(side.lines.size(), f.rows_before + kShownRows);
  f.rows_after = side.lines.size() - end;
  f.rows.clear();
  for (std::size_t i = f.rows_before; i < end; ++i) {
    const SideLine& line = side.lines[i];
    CodeRow row;
    row.likeness = static_cast<CodeRow::Likeness>(line.likeness);
    row.begins_block = line.begins_block;
    row.equal_block = line.equal_block;
    row.a = SideOf(a, line.left_address, line.left_length, line.left);
    row.b = SideOf(b, line.right_address, line.right_length, line.right);
    row.a.differs = line.left_differs;
    row.b.differs = line.right_differs;
    f.rows.push_back(std::move(row));
  }
}

}  // namespace

CodeComparison StrongestFunctions(const SampleCode& sample, const SampleMatch& other, const std::vector<CodeLink>& links) {
  struct Pair {
    double weight = 0;
    std::vector<std::string> shares;  // in the order of `links`, each once
  };
  std::map<std::pair<std::uint64_t, std::uint64_t>, Pair> pairs;
  for (const CodeLink& link : links) {
    if (link.other_address == 0) continue;
    const Kind kind = KindOf(link.feature);
    Pair& pair = pairs[{link.address, link.other_address}];
    pair.weight += std::ldexp(kind.weight, 1 - static_cast<int>(std::min<std::uint32_t>(link.df.families, 30)));
    std::string said = fmt::format("{}, in {} famil{}", kind.name, link.df.families, link.df.families == 1 ? "y" : "ies");
    if (std::find(pair.shares.begin(), pair.shares.end(), said) == pair.shares.end()) pair.shares.push_back(std::move(said));
  }
  using Entry = decltype(pairs)::value_type;
  std::vector<const Entry*> order;
  for (const Entry& entry : pairs) order.push_back(&entry);
  std::stable_sort(order.begin(), order.end(), [](const Entry* x, const Entry* y) { return x->second.weight > y->second.weight; });

  CodeComparison comparison;
  comparison.sample = sample.sha256;
  comparison.other = other.meta.sha256;
  comparison.label = other.meta.family + (other.meta.version.empty() ? "" : " " + other.meta.version);
  std::set<std::uint64_t> used_a, used_b;
  for (const Entry* entry : order) {
    const auto [a, b] = entry->first;
    const std::size_t at = sample.program.Find(a);
    if (at == Program::npos || used_a.count(a) > 0 || used_b.count(b) > 0) continue;
    used_a.insert(a);
    used_b.insert(b);
    if (comparison.functions.size() == kShownFunctions) {
      ++comparison.functions_not_shown;
      continue;
    }
    FunctionComparison f;
    f.a = {a, sample.executable.OffsetOf(a).value_or(0), sample.program.functions[at].end - a, 0};
    f.b.address = b;
    constexpr std::size_t kTold = 4;
    for (std::size_t i = 0; i < std::min(kTold, entry->second.shares.size()); ++i) f.shares += (i == 0 ? "" : "; ") + entry->second.shares[i];
    comparison.functions.push_back(std::move(f));
  }
  return comparison;
}

void ShowCode(const Executable& a, const Executable& b, const std::function<std::uint64_t(std::uint64_t)>& size_at, CodeComparison& comparison) {
  comparison.missing.clear();
  for (FunctionComparison& f : comparison.functions) {
    f.b.size = size_at(f.b.address);
    f.b.offset = b.OffsetOf(f.b.address).value_or(0);
    f.missing = f.b.size == 0 ? "this function of the older sample was not kept: it is shorter than ten instructions, or lies behind the first 16 MiB of code" : "";
    if (f.missing.empty()) ShowFunction(a, b, f);
  }
}

void ShowKeptCode(const CodeBase& base, const SampleCode& sample, CodeComparison& comparison) {
  const auto kept = base.Kept(comparison.other);
  if (!kept) {
    comparison.missing = kept.error().code == ErrorCode::kNotFound
                             ? "the older sample's code was not kept; add it again to see it"
                             : "what was kept of the older sample's code cannot be read; kb verify says why, adding it again mends it";
    return;
  }
  comparison.known = kept->known;
  ShowCode(sample.executable, kept->View(), [&](std::uint64_t address) { return kept->SizeAt(address); }, comparison);
}

}  // namespace ascribe
