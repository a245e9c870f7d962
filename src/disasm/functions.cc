#include "disasm/functions.h"

#include <algorithm>
#include <tuple>

#include "binary/walk_once.h"
#include "disasm/decoder.h"
#include "disasm/explore.h"

namespace ascribe {
namespace {

using Starts = std::vector<FunctionStart>;

// The code, each byte of the file once, by address.
class CodeStretches {
 public:
  explicit CodeStretches(const Executable& e)
      : executable_(e), all_(WalkOnce(e, [](const BinarySection& s) { return s.executable; })) {
    // Sections stand by address.
    std::sort(all_.begin(), all_.end(), [](const Stretch& a, const Stretch& b) {
      return std::tie(a.section, a.begin) < std::tie(b.section, b.begin);
    });
  }
  [[nodiscard]] const std::vector<Stretch>& all() const { return all_; }
  // The one that holds the address; nullptr when it is no code, or a section that shows the same bytes has them.
  [[nodiscard]] const Stretch* At(std::uint64_t address) const {
    const BinarySection* section = executable_.SectionAt(address);
    if (section == nullptr) return nullptr;
    auto s = std::lower_bound(all_.begin(), all_.end(), section,
                              [](const Stretch& a, const BinarySection* b) { return a.section < b; });
    for (; s != all_.end() && s->section == section; ++s)
      if (address - section->address >= s->begin && address - section->address < s->end) return &*s;
    return nullptr;
  }

 private:
  const Executable& executable_;
  std::vector<Stretch> all_;
};

// Executable bytes that no function with a known end covers.
std::vector<CodeGap> Gaps(const CodeStretches& code, const Starts& starts) {
  std::vector<CodeGap> gaps;
  std::size_t next = 0;
  for (const Stretch& s : code.all()) {
    std::uint64_t at = s.address();
    const std::uint64_t end = s.section->address + s.end;
    while (next < starts.size() && starts[next].address < at) ++next;
    for (; next < starts.size() && starts[next].address < end; ++next) {
      if (starts[next].end == 0) continue;
      if (starts[next].address > at) gaps.push_back({at, starts[next].address});
      at = std::max(at, std::min(starts[next].end, end));
    }
    if (at < end) gaps.push_back({at, end});
  }
  return gaps;
}

// Calls out of covered code into gaps.
void CallsIntoGaps(const Executable& e, const std::vector<CodeGap>& gaps, Starts& starts) {
  Decoder decoder(e);
  Instruction instruction;
  const std::size_t count = starts.size();
  std::uint64_t covered = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const FunctionStart start = starts[i];
    // Forged functions lie within each other: each is read up to the next, which goes on to the end of both.
    if (start.end != 0) covered = std::max(covered, start.end);
    if (start.address >= covered) continue;
    const std::uint64_t end = i + 1 < count ? std::min(covered, starts[i + 1].address) : covered;
    const ByteView bytes = e.At(start.address);
    decoder.Enter(start.address);
    const std::uint64_t size = std::min<std::uint64_t>({end - start.address, bytes.size(), kMaxFunctionBytes});
    for (std::uint64_t at = 0; at < size && starts.size() < kMaxFunctionStarts;) {
      if (!decoder.DecodeFlow(*bytes.Slice(at, bytes.size() - at), start.address + at, instruction)) break;
      if (instruction.flow == Flow::kCall && instruction.target != 0 && InGap(gaps, instruction.target))
        starts.push_back({instruction.target, 0, FunctionSource::kCall});
      at += instruction.length;
    }
  }
}

}  // namespace

std::vector<FunctionRange> FindFunctions(const Executable& e) {
  Starts starts = e.starts;
  const CodeStretches stretches(e);
  std::erase_if(starts, [&](const FunctionStart& s) { return stretches.At(s.address) == nullptr; });
  if (Decoder::Knows(e)) {
    const std::vector<CodeGap> gaps = Gaps(stretches, starts);
    std::uint64_t open = 0, code = 0;
    for (const CodeGap& gap : gaps) open += gap.end - gap.begin;
    for (const Stretch& s : stretches.all()) code += s.end - s.begin;
    // Padding between functions is a few percent. Only where more is open are calls from covered code worth a pass.
    if (open * 10 > code && open < code) CallsIntoGaps(e, gaps, starts);
    ExploreGaps(e, gaps, starts);
  }
  std::vector<FunctionRange> functions;
  functions.reserve(starts.size());
  std::uint64_t covered = 0;
  for (std::size_t i = 0; i < starts.size() && functions.size() < kMaxFunctions; ++i) {
    const FunctionStart& s = starts[i];
    // A start within a function whose extent an unwind table states, found by a call or a prologue, is none.
    if (s.address < covered && s.source >= FunctionSource::kCall) continue;
    const Stretch* stretch = stretches.At(s.address);
    if (stretch == nullptr) continue;
    if (s.end == 0 && !Decoder::Knows(e)) continue;
    const std::uint64_t stretch_end = stretch->section->address + stretch->end;
    std::uint64_t end = stretch_end;
    if (i + 1 < starts.size()) end = std::min(end, starts[i + 1].address);
    if (s.end != 0) {
      end = std::min(stretch_end, s.end);
      covered = std::max(covered, end);
      // Overlapping statements: the next stated start ends this one.
      std::size_t next = i + 1;
      while (next < starts.size() && starts[next].source >= FunctionSource::kCall) ++next;
      if (next < starts.size()) end = std::min(end, starts[next].address);
    }
    end = std::min(end, s.address + kMaxFunctionBytes);
    if (end > s.address) functions.push_back({s.address, end, s.source});
  }
  return functions;
}

}  // namespace ascribe
