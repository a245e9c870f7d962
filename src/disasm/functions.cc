#include "disasm/functions.h"

#include <algorithm>
#include <tuple>

#include "binary/walk_once.h"
#include "disasm/decoder.h"

namespace ascribe {
namespace {

using Starts = std::vector<FunctionStart>;

struct Gap {
  std::uint64_t begin = 0, end = 0;
};

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
std::vector<Gap> Gaps(const CodeStretches& code, const Starts& starts) {
  std::vector<Gap> gaps;
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

bool InGap(const std::vector<Gap>& gaps, std::uint64_t address) {
  auto after = std::upper_bound(gaps.begin(), gaps.end(), address,
                                [](std::uint64_t a, const Gap& g) { return a < g.begin; });
  return after != gaps.begin() && address < (after - 1)->end;
}

// `push ebp; mov ebp, esp` in both encodings, `sub rsp`, `push rbx` and their kind; `mov edi, edi` of hot-patchable code.
bool LooksLikePrologue(ByteView b) {
  const auto is = [&](std::size_t i, std::uint8_t value) { return b.U8(i) == value; };
  std::size_t i = 0;
  if (is(0, 0x8B) && is(1, 0xFF)) i = 2;
  if (is(0, 0xF3) && is(1, 0x0F) && is(2, 0x1E)) return true;                                       // endbr
  if (is(i, 0x55) && ((is(i + 1, 0x8B) && is(i + 2, 0xEC)) || (is(i + 1, 0x89) && is(i + 2, 0xE5)))) return true;
  if (is(i, 0x55) && is(i + 1, 0x48) && is(i + 2, 0x89) && is(i + 3, 0xE5)) return true;
  if (is(i, 0x48) && (is(i + 1, 0x83) || is(i + 1, 0x81)) && is(i + 2, 0xEC)) return true;           // sub rsp, n
  if ((is(i, 0x83) || is(i, 0x81)) && is(i + 1, 0xEC)) return true;                                  // sub esp, n
  if (is(i, 0x48) && is(i + 1, 0x89) && (is(i + 2, 0x5C) || is(i + 2, 0x4C)) && is(i + 3, 0x24)) return true;
  if (is(i, 0x41) && b.U8(i + 1) >= 0x54 && b.U8(i + 1) <= 0x57) return true;                         // push r12…r15
  const auto first = b.U8(i);
  return first && *first >= 0x53 && *first <= 0x57;                                                 // push
}

// Decodes the gaps from end to end. A function begins at a stated start, at the target of a call, and behind padding
// that follows a way out. `targets` gets where jumps lead, on the first pass over other machines than x86; `again` uses it.
void Explore(const Executable& e, const std::vector<Gap>& gaps, Starts& starts, std::vector<std::uint64_t>& targets, bool again) {
  Decoder decoder(e);
  const Machine* const machine = decoder.machine();
  Starts found;
  std::size_t next = 0;
  for (const Gap& gap : gaps) {
    const ByteView bytes = e.At(gap.begin);
    // Sections that overlap in memory: another one may have the address, and less of it.
    const std::uint64_t end = gap.begin + std::min<std::uint64_t>(gap.end - gap.begin, bytes.size());
    bool out = true, padded = false;  // control cannot arrive here from above
    bool leaving = false;             // after the next instruction
    bool apart = false;               // padding or data since then
    Instruction instruction;
    decoder.Enter(gap.begin);
    for (std::uint64_t at = gap.begin; at < end && found.size() < kMaxFunctionStarts;) {
      while (next < starts.size() && starts[next].address < at) ++next;
      const bool stated = next < starts.size() && starts[next].address == at;
      const ByteView rest = *bytes.Slice(at - gap.begin, bytes.size() - (at - gap.begin));
      if (machine != nullptr && (stated || (out && machine->BeginsFunction(rest)))) decoder.Enter(at);
      if (!decoder.DecodeFlow(rest, at, instruction)) {  // data among code
        at += machine == nullptr ? 1 : machine->Step();
        out = padded = apart = true;
        continue;
      }
      // A stated start in the middle of this instruction: what came before was data.
      if (next < starts.size() && !stated && starts[next].address > at && starts[next].address < instruction.end()) {
        at = starts[next].address;
        out = padded = true;
        continue;
      }
      const bool zeros = rest.U8(0) == 0 && rest.U8(1) == 0 && (machine == nullptr || rest.U16(2) == 0 || machine->Step() == 2);
      const bool prologue = machine == nullptr ? LooksLikePrologue(rest) : machine->BeginsFunction(rest);
      if (out && (instruction.padding || zeros) && !prologue) {
        padded = apart = true;
        if (machine == nullptr) at += zeros ? 2 : instruction.length;
        else at += instruction.padding ? instruction.length : machine->Step();
        continue;
      }
      if (out && padded && !stated && prologue) found.push_back({at, 0, FunctionSource::kPrologue});
      // Where no jump leads either, a function begins whatever it begins with; a case of a switch stands closer.
      const bool alone = again && out && apart && !stated && !prologue && !std::binary_search(targets.begin(), targets.end(), at);
      if (alone) {
        found.push_back({at, 0, FunctionSource::kPrologue});
        decoder.Enter(at);
      }
      apart = false;
      if (instruction.flow == Flow::kCall && instruction.target != 0 && InGap(gaps, instruction.target))
        found.push_back({instruction.target, 0, FunctionSource::kCall});
      if (machine != nullptr && !again && instruction.target != 0 && instruction.flow != Flow::kCall) targets.push_back(instruction.target);
      const bool leaves = instruction.flow == Flow::kReturn || instruction.flow == Flow::kJump || instruction.flow == Flow::kStop;
      out = leaving || (leaves && !instruction.delayed);
      leaving = leaves && instruction.delayed;
      // Functions of x86 that follow each other without padding are split at calls only; other machines leave none.
      padded = out && (machine != nullptr || at % 16 == 0);
      at += instruction.length;
    }
  }
  starts.insert(starts.end(), found.begin(), found.end());
  std::sort(targets.begin(), targets.end());
}

// Calls out of covered code into gaps.
void CallsIntoGaps(const Executable& e, const std::vector<Gap>& gaps, Starts& starts) {
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

void SortStarts(Starts& starts) {
  std::stable_sort(starts.begin(), starts.end(), [](const FunctionStart& a, const FunctionStart& b) {
    return a.address != b.address ? a.address < b.address : a.source < b.source;
  });
  starts.erase(std::unique(starts.begin(), starts.end(),
                           [](const FunctionStart& a, const FunctionStart& b) { return a.address == b.address; }),
               starts.end());
}

}  // namespace

std::vector<FunctionRange> FindFunctions(const Executable& e) {
  Starts starts = e.starts;
  const CodeStretches stretches(e);
  std::erase_if(starts, [&](const FunctionStart& s) { return stretches.At(s.address) == nullptr; });
  if (Decoder::Knows(e)) {
    const std::vector<Gap> gaps = Gaps(stretches, starts);
    std::uint64_t open = 0, code = 0;
    for (const Gap& gap : gaps) open += gap.end - gap.begin;
    for (const Stretch& s : stretches.all()) code += s.end - s.begin;
    // Padding between functions is a few percent. Only where more is open are calls from covered code worth a pass.
    if (open * 10 > code && open < code) CallsIntoGaps(e, gaps, starts);
    SortStarts(starts);
    std::vector<std::uint64_t> targets;
    Explore(e, gaps, starts, targets, false);
    SortStarts(starts);
    // Other machines than x86 put no padding between functions that a linear pass could tell from the code; what is
    // called and where jumps lead is known now.
    if (!Decoder::IsX86(e.architecture)) {
      Explore(e, gaps, starts, targets, true);
      SortStarts(starts);
    }
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
