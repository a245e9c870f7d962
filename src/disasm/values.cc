#include "disasm/values.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <unordered_map>

#include "base/hash64.h"
#include "disasm/literals.h"

namespace ascribe {
namespace {

std::uint64_t Key(CodeChannel channel, std::uint64_t hash) { return FeatureKey(static_cast<unsigned>(channel), hash); }

// What an operation does with a number, so that `shl 4` and `and 4` are two things, `add 4` and `sub 4` one.
enum class Use : std::uint8_t { kPlain, kSum, kCompare, kShift, kRotate, kBits, kXor, kProduct, kDivision, kMember };

Use UseOf(Operation operation) {
  switch (operation) {
    case Operation::kSum:
    case Operation::kAddress:
      return Use::kSum;
    case Operation::kCompare:
      return Use::kCompare;
    case Operation::kShift:
      return Use::kShift;
    case Operation::kRotate:
      return Use::kRotate;
    case Operation::kBits:
      return Use::kBits;
    case Operation::kXor:
      return Use::kXor;
    case Operation::kProduct:
      return Use::kProduct;
    case Operation::kOther:
    case Operation::kMove:
    case Operation::kPush:
      break;
  }
  return Use::kPlain;
}

bool IsStack(Register r, bool framed) {
  return r.kind == RegisterClass::kGeneral && (r.number == kStackPointer || (framed && r.number == kFramePointer));
}

bool HasFrame(const FunctionBody& body) {
  const std::size_t look = std::min<std::size_t>(body.instructions.size(), 12);
  for (std::size_t i = 0; i < look; ++i) {
    const Instruction& in = body.instructions[i];
    if (in.operation == Operation::kMove && in.operands[0].kind == OperandKind::kRegister &&
        in.operands[0].reg == Register{RegisterClass::kGeneral, kFramePointer} &&
        in.operands[1].reg == Register{RegisterClass::kGeneral, kStackPointer})
      return true;
    if (in.operation == Operation::kAddress && in.operands[0].reg == Register{RegisterClass::kGeneral, kFramePointer} &&
        in.operands[1].base == Register{RegisterClass::kGeneral, kStackPointer})
      return true;
    if (in.operation == Operation::kSum && in.operand_count == 3 && in.operands[0].reg == Register{RegisterClass::kGeneral, kFramePointer} &&
        in.operands[1].reg == Register{RegisterClass::kGeneral, kStackPointer})
      return true;
  }
  return false;
}

void AddNumber(std::int64_t value, Use use, std::vector<std::uint64_t>& keys) {
  if (value <= 1 && value >= -1) return;
  // The lowest number, a lone sign bit, has no size in 64 bits; programs have it as they have small numbers.
  const bool lowest = value == std::numeric_limits<std::int64_t>::min();
  const std::int64_t size = lowest ? 0 : value < 0 ? -value : value;
  if (size < kSmallNumber) {
    keys.push_back(Key(CodeChannel::kSmall, Mix(static_cast<std::uint64_t>(use), static_cast<std::uint64_t>(value))));
    return;
  }
  if (use == Use::kMember) {
    keys.push_back(Key(CodeChannel::kConstant, Mix(0x0FF5E7, static_cast<std::uint64_t>(value))));
    return;
  }
  if (const std::uint64_t key = ConstantKey(use == Use::kSum ? size : value); key != 0) keys.push_back(key);
}

// Bytes that a function writes to its own stack, by displacement.
class StackBytes {
 public:
  void Write(std::int64_t at, std::uint64_t value, std::size_t bytes) {
    if (bytes_.size() > kMaxStackBytes) return;
    for (std::size_t i = 0; i < bytes; ++i) bytes_[at + static_cast<std::int64_t>(i)] = static_cast<std::uint8_t>(value >> (8 * i));
  }
  void Keys(std::vector<std::uint64_t>& keys) const {
    EachRun([&](const Bytes& run) {
      const std::string text = TextOf(run);
      if (!text.empty()) AddTextKeys(text, keys);
      else if (run.size() >= kMinText) AddEncodedKeys(run, keys);
    });
  }
  [[nodiscard]] std::vector<std::string> Texts() const {
    std::vector<std::string> texts;
    EachRun([&](Bytes run) {
      run.push_back(0);
      const ByteView all(run);
      for (std::size_t at = 0; at + kMinText < run.size();) {  // one text may stand right behind another
        std::size_t used = 0;
        std::string text = TextAt(*all.Slice(at, run.size() - at), used);
        if (text.size() > kMinText) {
          texts.push_back(std::move(text));
          at += used;
        }
        while (at < run.size() && run[at] != 0) ++at;
        while (at < run.size() && run[at] == 0) ++at;
      }
    });
    return texts;
  }

 private:
  static constexpr std::size_t kMaxStackBytes = 64 * 1024;
  // Bytes without a gap, in the order of memory.
  template <typename Fn>
  void EachRun(Fn fn) const {
    Bytes run;
    std::int64_t last = 0;
    for (const auto& [at, byte] : bytes_) {
      if (!run.empty() && at != last + 1) {
        fn(run);
        run.clear();
      }
      run.push_back(byte);
      last = at;
    }
    fn(run);
  }
  // Empty: no text, or too short a one.
  static std::string TextOf(Bytes run) {
    if (run.size() < kMinText) return {};
    run.push_back(0);
    std::size_t used = 0;
    std::string text = TextAt(run, used);
    return text.size() > kMinText ? text : std::string();
  }
  std::map<std::int64_t, std::uint8_t> bytes_;
};

}  // namespace

std::uint64_t ConstantKey(std::int64_t value) {
  if (value <= 1 && value >= -1) return 0;
  return Key(CodeChannel::kConstant, Mix(0xC0257, static_cast<std::uint64_t>(value)));
}

void AddTextKeys(const std::string& text, std::vector<std::uint64_t>& keys) {
  keys.push_back(Key(CodeChannel::kText, HashBytes(text, 0x7E47)));
  const ByteView bytes(text);
  if (text.size() < 12) keys.push_back(ConstantKey(*bytes.U32(0)));
  if (text.size() >= 8) keys.push_back(ConstantKey(static_cast<std::int64_t>(*bytes.U64(0))));
}

void AddEncodedKeys(ByteView bytes, std::vector<std::uint64_t>& keys) {
  const EncodedForms forms = FormsUnderKeys(bytes);
  if (forms.under_xor == 0) return;
  keys.push_back(Key(CodeChannel::kTable, forms.under_xor));
  keys.push_back(Key(CodeChannel::kTable, forms.under_add));
}

std::uint64_t DivisorBehind(std::uint64_t magic) {
  static const std::unordered_map<std::uint64_t, std::uint64_t> table = [] {
    std::unordered_map<std::uint64_t, std::uint64_t> made;
    std::vector<std::uint64_t> divisors;
    for (std::uint64_t d = 3; d < 1024; ++d) divisors.push_back(d);
    for (std::uint64_t d : {1440u, 3600u, 10'000u, 65'521u, 65'535u, 86'400u, 100'000u, 1'000'000u, 1'000'000'000u})
      divisors.push_back(d);
    for (std::uint64_t d : divisors) {
      if ((d & (d - 1)) == 0) continue;
      for (unsigned bits : {32u, 64u}) {
        __extension__ typedef unsigned __int128 Wide;
        const Wide one = 1;
        const std::uint64_t mask = bits == 64 ? ~std::uint64_t{0} : 0xFFFF'FFFF;
        // ceil(2^(bits + s) / d), signed and unsigned, for each shift that a compiler may choose.
        for (unsigned s = 0; s <= 30 && (std::uint64_t{1} << s) < 2 * d; ++s) {
          const auto m = (((one << (bits + s)) / d) + 1);
          const auto low = static_cast<std::uint64_t>(m) & mask;
          if (low > 0xFFFF) made.try_emplace(low, d);
        }
      }
    }
    return made;
  }();
  const auto found = table.find(magic);
  return found == table.end() ? 0 : found->second;
}

namespace {

// Copies of constants by way of vector registers: what compilers make of the initialisation of an array with a text.
struct Copies {
  const Executable& executable;
  std::vector<CopiedConstant>& constants;
};

// `stack` gets the bytes that the function writes to its own stack; copies of constants only where `copies` asks for them:
// features are those of numbers in the code.
void ReadValues(const FunctionBody& body, std::vector<std::uint64_t>& keys, StackBytes& stack, const Copies* copies = nullptr) {
  const bool framed = HasFrame(body);
  std::array<std::pair<bool, std::uint64_t>, 32> held{};  // numbers in registers, within a block
  std::size_t next_leader = 0;
  std::array<CopiedConstant, 32> vectors{};                // constants in vector registers, within a block
  for (std::size_t i = 0; i < body.instructions.size(); ++i) {
    const Instruction& in = body.instructions[i];
    while (next_leader < body.leaders.size() && body.leaders[next_leader] == i) {
      held = {};
      vectors = {};
      ++next_leader;
    }
    const Use use = UseOf(in.operation);
    const Operand& first = in.operands[0];
    const bool on_stack_pointer = first.kind == OperandKind::kRegister && IsStack(first.reg, framed);
    for (std::uint8_t k = 0; k < in.operand_count; ++k) {
      const Operand& o = in.operands[k];
      if (o.kind == OperandKind::kMemory) {
        if (in.reference != 0 && (o.base.kind != RegisterClass::kGeneral || o.value > 0xFFFF)) continue;
        if (o.base.kind != RegisterClass::kGeneral || IsStack(o.base, framed)) continue;
        if (o.address) {
          AddNumber(o.value, Use::kSum, keys);
        } else if (o.value >= kLargeDisplacement || o.value <= -kLargeDisplacement) {
          AddNumber(o.value, Use::kMember, keys);
        }
        continue;
      }
      if (o.kind != OperandKind::kImmediate || on_stack_pointer || in.flow == Flow::kReturn) continue;
      if (in.reference != 0 && (static_cast<std::uint64_t>(o.value) & 0xFFFF'FFFF) == (in.reference & 0xFFFF'FFFF)) continue;
      std::int64_t value = o.value;
      if (first.bytes == 1) value &= 0xFF;
      if (first.bytes == 2) value &= 0xFFFF;
      const std::uint64_t bits = first.bytes >= 8 ? static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value) & 0xFFFF'FFFF;
      if (bits > 0xFFFF) {
        if (const std::uint64_t divisor = DivisorBehind(bits); divisor != 0) {
          AddNumber(static_cast<std::int64_t>(divisor), Use::kDivision, keys);
          continue;
        }
      }
      if (use == Use::kCompare) {
        for (std::size_t n = i + 1; n < std::min(i + 4, body.instructions.size()); ++n) {
          if (body.instructions[n].inside) ++value;
          if (body.instructions[n].flow != Flow::kNext || body.instructions[n].inside) break;
        }
      }
      AddNumber(value, use, keys);
    }
    // Stack-built data: numbers stored directly, or by way of a register.
    if (in.operation == Operation::kMove && in.operand_count == 2) {
      const Operand& from = in.operands[1];
      if (first.kind == OperandKind::kRegister && first.reg.kind == RegisterClass::kGeneral) {
        held[first.reg.number & 31] = {from.kind == OperandKind::kImmediate && in.reference == 0, static_cast<std::uint64_t>(from.value)};
      } else if (first.kind == OperandKind::kMemory && IsStack(first.base, framed) && first.index.kind == RegisterClass::kNone) {
        const std::int64_t at = first.value + (first.base.number == kFramePointer ? std::int64_t{1} << 32 : 0);
        if (from.kind == OperandKind::kImmediate && in.reference == 0)
          stack.Write(at, static_cast<std::uint64_t>(from.value), std::min<std::size_t>(first.bytes, 8));
        else if (from.kind == OperandKind::kRegister && from.reg.kind == RegisterClass::kGeneral && held[from.reg.number & 31].first)
          stack.Write(at, held[from.reg.number & 31].second, std::min<std::size_t>(first.bytes, 8));
        else if (copies != nullptr && from.kind == OperandKind::kRegister && from.reg.kind == RegisterClass::kVector) {
          const CopiedConstant& copied = vectors[from.reg.number & 31];
          const auto bytes = copies->executable.At(copied.address).Slice(0, std::min<std::uint64_t>(copied.bytes, first.bytes));
          if (copied.bytes != 0 && bytes) {
            for (std::size_t n = 0; n < bytes->size(); ++n) stack.Write(at + static_cast<std::int64_t>(n), bytes->data()[n], 1);
            copies->constants.push_back({copied.address, bytes->size()});
          }
        }
      }
    } else if (first.kind == OperandKind::kRegister && first.reg.kind == RegisterClass::kGeneral) {
      held[first.reg.number & 31] = {};
    }
    if (copies != nullptr && first.kind == OperandKind::kRegister && first.reg.kind == RegisterClass::kVector) {
      const bool loads = in.operation == Operation::kMove && in.operand_count == 2 && in.operands[1].kind == OperandKind::kMemory && in.reference != 0;
      vectors[first.reg.number & 31] = loads ? CopiedConstant{in.reference, in.operands[1].bytes} : CopiedConstant{};
    }
    if (in.flow == Flow::kCall) {
      held = {};
      vectors = {};
    }
  }
}

}  // namespace

void AddValues(const FunctionBody& body, std::vector<std::uint64_t>& keys) {
  StackBytes stack;
  ReadValues(body, keys, stack);
  stack.Keys(keys);
}

StackContents StackTexts(const FunctionBody& body, const Executable& executable) {
  std::vector<std::uint64_t> unused;
  StackBytes stack;
  StackContents contents;
  const Copies copies{executable, contents.constants};
  ReadValues(body, unused, stack, &copies);
  contents.texts = stack.Texts();
  return contents;
}

}  // namespace ascribe
