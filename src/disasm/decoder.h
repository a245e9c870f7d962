#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "binary/executable.h"
#include "disasm/image_range.h"
#include "disasm/instruction.h"
#include "disasm/machine.h"

namespace ascribe {

/// Decodes x86 and x86-64 with Zydis, whose headers stay in decoder.cc; other machines through `Machine`, when the build
/// has Capstone. Not to be shared between threads; cheap to make.
class Decoder {
 public:
  [[nodiscard]] static bool IsX86(Architecture architecture) {
    return architecture == Architecture::kX86 || architecture == Architecture::kX64;
  }
  /// Why the code of `executable` cannot be decoded: "code for ppc is not decoded"; empty when it can.
  [[nodiscard]] static std::string WhyUnknown(const Executable& executable) {
    if (executable.managed) return ".NET code is not read";
    return IsX86(executable.architecture) ? std::string() : WhyNoMachine(executable);
  }
  [[nodiscard]] static bool Knows(const Executable& executable) { return WhyUnknown(executable).empty(); }
  /// `executable` must outlive the decoder: addresses that instructions name are looked up in it.
  explicit Decoder(const Executable& executable);
  ~Decoder();
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  /// A function begins at `address`, or code of which nothing is known. Machines other than x86 need to be told, and
  /// decode what follows in order.
  void Enter(std::uint64_t address) {
    if (machine_) machine_->Enter(address);
  }
  /// Null for x86.
  [[nodiscard]] const Machine* machine() const { return machine_.get(); }

  /// Decodes the first instruction of `bytes`, which stand at `address`. False when they are no instruction; then
  /// `out` is unchanged.
  [[nodiscard]] bool Decode(ByteView bytes, std::uint64_t address, Instruction& out);
  /// Only length, flow and target: twice as fast.
  [[nodiscard]] bool DecodeFlow(ByteView bytes, std::uint64_t address, Instruction& out);
  /// The bytes of an instruction that was decoded as `instruction` as a YARA hex string, "E8 ?? ?? ?? ??": addresses and
  /// relative targets, which change from build to build, are wild. Empty when it is no instruction.
  [[nodiscard]] std::string Pattern(ByteView bytes, const Instruction& instruction);
  /// Assembly text for people, of x86 in Intel syntax; empty when it is no instruction.
  [[nodiscard]] std::string Text(ByteView bytes, std::uint64_t address);

 private:
  struct Zydis;
  ImageRange range_;
  std::unique_ptr<Zydis> zydis_;
  std::unique_ptr<Machine> machine_;
};

/// Zydis's name of a mnemonic number: "mov".
[[nodiscard]] std::string MnemonicName(std::uint16_t mnemonic);

}  // namespace ascribe
