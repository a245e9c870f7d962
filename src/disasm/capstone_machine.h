#pragma once

#include <capstone/capstone.h>

#include <array>
#include <memory>
#include <optional>

#include "binary/endian_view.h"
#include "disasm/held_values.h"
#include "disasm/machine.h"

namespace ascribe {

/// What the machines that Capstone decodes have in common. Numbers of mnemonics are Capstone's from a base that keeps
/// machines apart from one another and from x86. Included by the files of these machines only.
class CapstoneMachine : public Machine {
 public:
  CapstoneMachine(const Executable& executable, cs_arch architecture, unsigned mode, std::uint16_t mnemonics);
  ~CapstoneMachine() override;
  CapstoneMachine(const CapstoneMachine&) = delete;
  CapstoneMachine& operator=(const CapstoneMachine&) = delete;

  void Enter(std::uint64_t address) override;
  [[nodiscard]] bool Decode(ByteView bytes, std::uint64_t address, Instruction& out) override;
  [[nodiscard]] std::string Text(ByteView bytes, std::uint64_t address) override;
  [[nodiscard]] std::uint64_t Step() const override { return 4; }
  [[nodiscard]] const std::vector<std::uint64_t>& Parts() const override { return held_.parts(); }

 protected:
  /// Fills in all but address, length and mnemonic, and follows what registers hold.
  virtual void Translate(const cs_insn& from, Instruction& out) = 0;
  void SetMode(unsigned mode);
  [[nodiscard]] EndianView View(ByteView bytes) const { return {bytes, executable_.big_endian, executable_.is_64}; }
  /// The general register `number` of the machine as neutral code counts: its stack and frame pointer are swapped to
  /// the numbers of x86.
  [[nodiscard]] static Register General(unsigned number, unsigned stack, unsigned frame);
  /// A number that stands among the code at `address`; nullopt when it cannot.
  [[nodiscard]] std::optional<std::uint64_t> InCode(std::uint64_t address, std::uint64_t bytes, const Instruction& in);

  const Executable& executable_;
  HeldValues held_;

 private:
  bool Next(ByteView bytes, std::uint64_t address);
  csh handle_ = 0;
  cs_insn* instruction_ = nullptr;
  std::uint16_t mnemonics_;
};

inline constexpr std::uint16_t kArmMnemonics = 0x2000, kArm64Mnemonics = 0x3000, kMipsMnemonics = 0x4000;

[[nodiscard]] std::unique_ptr<Machine> MakeArm(const Executable& executable);
[[nodiscard]] std::unique_ptr<Machine> MakeArm64(const Executable& executable);
[[nodiscard]] std::unique_ptr<Machine> MakeMips(const Executable& executable);

}  // namespace ascribe
