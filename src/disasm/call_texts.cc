#include "disasm/call_texts.h"

#include <algorithm>
#include <utility>

#include "disasm/function_body.h"
#include "disasm/import_names.h"
#include "disasm/literals.h"
#include "disasm/values.h"

namespace ascribe {
namespace {

// Registers of the first four arguments under the x64 convention of Windows: rcx, rdx, r8, r9.
constexpr std::uint8_t kArguments[] = {1, 2, 8, 9};

class Search {
 public:
  Search(const Executable& e, std::span<const NamingCall> calls) : e_(e), calls_(calls), decoder_(e), names_(e, decoder_) {}

  SpokenTexts Run() {
    for (const FunctionRange& range : FindFunctions(e_)) {
      body_.Read(decoder_, e_, range.address, range.end);
      StackContents contents = StackTexts(body_, e_);
      for (std::string& text : contents.texts)
        if (text.size() >= kMinStackText && out_.on_stack.size() < kMaxSpokenTexts) out_.on_stack.push_back({range.address, range.end, std::move(text)});
      for (const CopiedConstant& constant : contents.constants) {
        if (out_.constants.size() < kMaxCopiedConstants) out_.constants.push_back(constant);
        else out_.constants_cut = true;
      }
      if (e_.format != BinaryFormat::kPe || !Decoder::IsX86(e_.architecture)) continue;
      for (std::size_t i = 0; i < body_.instructions.size() && out_.calls.size() < kMaxSpokenTexts; ++i)
        if (body_.instructions[i].flow == Flow::kCall) Call(i);
    }
    auto& constants = out_.constants;
    const auto key = [](const CopiedConstant& c) { return std::pair(c.address, c.bytes); };
    std::sort(constants.begin(), constants.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
    constants.erase(std::unique(constants.begin(), constants.end(), [&](const auto& a, const auto& b) { return key(a) == key(b); }), constants.end());
    return std::move(out_);
  }

 private:
  void Call(std::size_t index) {
    const Instruction& call = body_.instructions[index];
    const std::string* name = call.reference != 0 ? &names_.AtSlot(call.reference) : nullptr;
    if ((name == nullptr || name->empty()) && call.target != 0) name = &names_.AtStub(call.target);
    if (name == nullptr || name->empty()) return;
    for (std::size_t n = 0; n < calls_.size(); ++n) {
      if (calls_[n].function != *name) continue;
      const std::uint64_t address = e_.is_64 ? InRegister(index, calls_[n].argument) : OnStack(index, calls_[n].argument);
      const Literal literal = address == 0 ? Literal{} : ReadLiteral(e_, address, 0);
      if (literal.kind == Literal::Kind::kText) out_.calls.push_back({call.address, address, literal.bytes.size(), n, literal.text});
      return;
    }
  }

  std::uint64_t InRegister(std::size_t index, unsigned argument) const {
    if (argument < 1 || argument > 4) return 0;
    Register wanted{RegisterClass::kGeneral, kArguments[argument - 1]};
    bool moved = false;
    for (std::size_t i = index, n = 0; i-- > 0 && n < kArgumentWindow; ++n) {
      const Instruction& in = body_.instructions[i];
      if (in.flow == Flow::kCall) return 0;
      const Operand& to = in.operands[0];
      if (in.operand_count < 2 || to.kind != OperandKind::kRegister || to.reg != wanted) continue;
      if (in.reference != 0 && (in.operands[1].address || in.operands[1].kind == OperandKind::kImmediate)) return in.reference;
      if (moved || in.operation != Operation::kMove || in.operands[1].kind != OperandKind::kRegister) return 0;
      wanted = in.operands[1].reg;
      moved = true;
    }
    return 0;
  }

  // Arguments are pushed, the last one first, or stored above the stack pointer.
  std::uint64_t OnStack(std::size_t index, unsigned argument) const {
    unsigned pushed = 0;
    const std::int64_t slot = 4 * (static_cast<std::int64_t>(argument) - 1);
    for (std::size_t i = index, n = 0; i-- > 0 && n < kArgumentWindow; ++n) {
      const Instruction& in = body_.instructions[i];
      if (in.flow == Flow::kCall) return 0;
      const Operand& to = in.operands[0];
      if (in.operation == Operation::kPush && ++pushed == argument)
        return to.kind == OperandKind::kImmediate ? in.reference : 0;
      const bool stored = in.operation == Operation::kMove && to.kind == OperandKind::kMemory && to.base.kind == RegisterClass::kGeneral &&
                          to.base.number == kStackPointer && to.index.kind == RegisterClass::kNone && to.value == slot;
      if (stored && pushed == 0) return in.operands[1].kind == OperandKind::kImmediate ? in.reference : 0;
    }
    return 0;
  }

  const Executable& e_;
  std::span<const NamingCall> calls_;
  Decoder decoder_;
  ImportNames names_;
  FunctionBody body_;
  SpokenTexts out_;
};

}  // namespace

SpokenTexts FindSpokenTexts(const Executable& executable, std::span<const NamingCall> calls) {
  if (!Decoder::Knows(executable)) return {};
  return Search(executable, calls).Run();
}

}  // namespace ascribe
