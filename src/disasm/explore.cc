#include "disasm/explore.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "disasm/decoder.h"

namespace ascribe {
namespace {

using namespace std::string_view_literals;
using Starts = std::vector<FunctionStart>;

void SortStarts(Starts& starts) {
  std::stable_sort(starts.begin(), starts.end(), [](const FunctionStart& a, const FunctionStart& b) {
    return a.address != b.address ? a.address < b.address : a.source < b.source;
  });
  starts.erase(std::unique(starts.begin(), starts.end(),
                           [](const FunctionStart& a, const FunctionStart& b) { return a.address == b.address; }),
               starts.end());
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

// What compilers for 32 bits put before aligned places besides `nop`: lea esi, [esi + 0] and its kind, which do nothing.
bool IsFiller(std::string_view bytes) {
  constexpr std::array kFillers = {"\x8D\x76\x00"sv, "\x8D\x74\x26\x00"sv, "\x8D\xB6\x00\x00\x00\x00"sv, "\x8D\xB4\x26\x00\x00\x00\x00"sv,
                                   "\x8D\x7F\x00"sv, "\x8D\x7C\x27\x00"sv, "\x8D\xBF\x00\x00\x00\x00"sv, "\x8D\xBC\x27\x00\x00\x00\x00"sv,
                                   "\x8D\x49\x00"sv, "\x8D\xA4\x24\x00\x00\x00\x00"sv, "\x89\xF6"sv, "\x8B\xFF\x90"sv};
  if (bytes.starts_with('\x2E')) bytes.remove_prefix(1);
  return std::any_of(kFillers.begin(), kFillers.end(), [&](std::string_view filler) { return bytes.starts_with(filler); });
}

class Exploring {
 public:
  Exploring(const Executable& e, const std::vector<CodeGap>& gaps, Starts& starts)
      : e_(e), gaps_(gaps), starts_(starts), decoder_(e), machine_(decoder_.machine()), is_x86_32_(e.architecture == Architecture::kX86) {}

  void Run() {
    SortStarts(starts_);
    Pass(false);
    std::sort(reached_.begin(), reached_.end());
    std::sort(jumps_.begin(), jumps_.end());
    if (std::max({reached_.size(), jumps_.size(), candidates_.size()}) >= kMaxLeads) return;
    // Few functions of 32-bit x86 have an unwind entry, and those that only pointers lead to begin with anything.
    if (is_x86_32_) Settle();
    // Other machines put no padding between functions that a linear pass could tell from the code. What is called and
    // where jumps lead is known now.
    if (machine_ != nullptr) Pass(true);
  }

 private:
  struct Jump {
    std::uint64_t target = 0, from = 0;
    friend auto operator<=>(const Jump&, const Jump&) = default;
  };

  // A function begins at a stated start, at the target of a call, and behind padding that follows a way out; `again`: also
  // where no jump leads.
  void Pass(bool again) {
    Starts found;
    std::size_t next = 0;
    Instruction instruction;
    for (const CodeGap& gap : gaps_) {
      const ByteView bytes = e_.At(gap.begin);
      // Sections that overlap in memory: another one may have the address, and less of it.
      const std::uint64_t end = gap.begin + std::min<std::uint64_t>(gap.end - gap.begin, bytes.size());
      bool out = true, padded = false;  // control cannot arrive here from above
      bool leaving = false;             // after the next instruction
      bool apart = false;               // padding or data since then
      decoder_.Enter(gap.begin);
      for (std::uint64_t at = gap.begin; at < end && found.size() < kMaxFunctionStarts;) {
        while (next < starts_.size() && starts_[next].address < at) ++next;
        const bool stated = next < starts_.size() && starts_[next].address == at;
        const ByteView rest = *bytes.Slice(at - gap.begin, bytes.size() - (at - gap.begin));
        if (machine_ != nullptr && (stated || (out && machine_->BeginsFunction(rest)))) decoder_.Enter(at);
        if (!decoder_.DecodeFlow(rest, at, instruction)) {  // data among code
          at += machine_ == nullptr ? 1 : machine_->Step();
          out = padded = apart = true;
          continue;
        }
        // A stated start in the middle of this instruction: what came before was data.
        if (next < starts_.size() && !stated && starts_[next].address > at && starts_[next].address < instruction.end()) {
          at = starts_[next].address;
          out = padded = true;
          continue;
        }
        const bool zeros = rest.U8(0) == 0 && rest.U8(1) == 0 && (machine_ == nullptr || rest.U16(2) == 0 || machine_->Step() == 2);
        const bool prologue = machine_ == nullptr ? LooksLikePrologue(rest) : machine_->BeginsFunction(rest);
        const bool filler = out && is_x86_32_ && IsFiller(rest.text().substr(0, 8));
        if (out && (instruction.padding || zeros || filler) && !prologue) {
          padded = apart = true;
          if (machine_ == nullptr) at += zeros ? 2 : instruction.length;
          else at += instruction.padding ? instruction.length : machine_->Step();
          continue;
        }
        if (out && padded && !stated && prologue) found.push_back({at, 0, FunctionSource::kPrologue});
        if (is_x86_32_ && out && !stated && !prologue && at % 16 == 0 && candidates_.size() < kMaxLeads) candidates_.push_back(at);
        if (again && out && apart && !stated && !prologue && !std::binary_search(reached_.begin(), reached_.end(), at)) {
          found.push_back({at, 0, FunctionSource::kPrologue});
          decoder_.Enter(at);
        }
        apart = false;
        if (instruction.flow == Flow::kCall && instruction.target != 0 && InGap(gaps_, instruction.target))
          found.push_back({instruction.target, 0, FunctionSource::kCall});
        if (!again && (machine_ != nullptr || is_x86_32_)) Follow(instruction, rest);
        const bool leaves = instruction.flow == Flow::kReturn || instruction.flow == Flow::kJump || instruction.flow == Flow::kStop;
        out = leaving || (leaves && !instruction.delayed);
        leaving = leaves && instruction.delayed;
        // Functions of x86 that follow each other without padding are split at calls only; other machines leave none.
        padded = out && (machine_ != nullptr || at % 16 == 0);
        at += instruction.length;
      }
    }
    starts_.insert(starts_.end(), found.begin(), found.end());
    SortStarts(starts_);
  }

  // Where a jump leads.
  void Follow(const Instruction& instruction, ByteView rest) {
    if (instruction.flow == Flow::kCall) return;
    if (instruction.target != 0) {
      if (is_x86_32_ && instruction.flow == Flow::kJump) {
        if (jumps_.size() < kMaxLeads) jumps_.push_back({instruction.target, instruction.address});
      } else if (reached_.size() < kMaxLeads) {
        reached_.push_back(instruction.target);
      }
    }
    if (is_x86_32_) FollowSwitch(instruction, rest);
  }

  // `jmp [table + register * 4]`, with or without `notrack`; or `mov register, [table + register * 4]` and, not far
  // behind, `jmp register`.
  void FollowSwitch(const Instruction& instruction, ByteView rest) {
    const std::size_t at = rest.U8(0) == 0x3E ? 1 : 0;
    const std::uint8_t operand = rest.U8(at + 1).value_or(0);
    const bool by_table = (operand & 0xC7) == 0x04 && (rest.U8(at + 2).value_or(0) & 0xC7) == 0x85;
    const std::uint32_t table = rest.U32(at + 3).value_or(0);
    if (rest.U8(at) == 0x8B && by_table) loaded_from_ = table;
    if (instruction.flow != Flow::kJump || instruction.target != 0 || rest.U8(at) != 0xFF) return;
    if (by_table && (operand & 0x38) == 0x20) FollowTable(table);
    if ((operand & 0xF8) == 0xE0) FollowTable(std::exchange(loaded_from_, 0));
  }

  void FollowTable(std::uint32_t address) {
    const ByteView table = e_.At(address);
    for (std::size_t i = 0; i < kMaxSwitch && switch_entries_ < kMaxSwitchEntries; ++i, ++switch_entries_) {
      const auto target = table.U32(4 * i);
      if (!target || !InGap(gaps_, *target) || reached_.size() >= kMaxLeads) return;
      reached_.push_back(*target);
    }
  }

  // Of aligned places that control cannot fall into those begin functions that nothing of the same function leads to.
  void Settle() {
    std::vector<std::uint64_t> in_doubt;
    Starts found;
    for (std::uint64_t c : candidates_) {
      if (std::binary_search(reached_.begin(), reached_.end(), c)) continue;
      const auto jump = std::lower_bound(jumps_.begin(), jumps_.end(), Jump{c, 0});
      if (jump != jumps_.end() && jump->target == c) in_doubt.push_back(c);
      else found.push_back({c, 0, FunctionSource::kPrologue});
    }
    starts_.insert(starts_.end(), found.begin(), found.end());
    SortStarts(starts_);
    found.clear();
    for (std::uint64_t c : in_doubt)
      if (!IsWithin(c)) found.push_back({c, 0, FunctionSource::kPrologue});
    starts_.insert(starts_.end(), found.begin(), found.end());
    SortStarts(starts_);
  }

  // Whether a jump of the same function leads to `address`. One over the beginning of another function leaves its own: a
  // call in tail position.
  bool IsWithin(std::uint64_t address) const {
    for (auto jump = std::lower_bound(jumps_.begin(), jumps_.end(), Jump{address, 0}); jump != jumps_.end() && jump->target == address; ++jump) {
      const auto after = std::upper_bound(starts_.begin(), starts_.end(), std::min(address, jump->from),
                                          [](std::uint64_t a, const FunctionStart& s) { return a < s.address; });
      if (after == starts_.end() || after->address > std::max(address, jump->from)) return true;
    }
    return false;
  }

  const Executable& e_;
  const std::vector<CodeGap>& gaps_;
  Starts& starts_;
  Decoder decoder_;
  const Machine* const machine_;
  const bool is_x86_32_;
  std::size_t switch_entries_ = 0;
  std::uint32_t loaded_from_ = 0;       // the table that a register was loaded from last; 0: none
  std::vector<std::uint64_t> reached_;  // by branches and switches; of other machines than x86 by all jumps
  std::vector<Jump> jumps_;
  std::vector<std::uint64_t> candidates_;
};

}  // namespace

bool InGap(const std::vector<CodeGap>& gaps, std::uint64_t address) {
  auto after = std::upper_bound(gaps.begin(), gaps.end(), address,
                                [](std::uint64_t a, const CodeGap& g) { return a < g.begin; });
  return after != gaps.begin() && address < (after - 1)->end;
}

void ExploreGaps(const Executable& e, const std::vector<CodeGap>& gaps, std::vector<FunctionStart>& starts) {
  Exploring(e, gaps, starts).Run();
}

}  // namespace ascribe
