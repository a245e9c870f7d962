#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "binary/executable.h"
#include "disasm/instruction.h"

namespace ascribe {

/// Decodes x86 and x86-64 with Zydis; the library's headers stay in decoder.cc. Thread-safe when not shared between
/// threads while it decodes; cheap to make.
class Decoder {
 public:
  /// True for the architectures that it knows.
  [[nodiscard]] static bool Knows(Architecture architecture) {
    return architecture == Architecture::kX86 || architecture == Architecture::kX64;
  }
  /// `executable` must outlive the decoder: addresses that instructions name are looked up in it.
  explicit Decoder(const Executable& executable);
  ~Decoder();
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  /// Decodes the first instruction of `bytes`, which stand at `address`. False when they are no instruction; then
  /// `out` is unchanged.
  [[nodiscard]] bool Decode(ByteView bytes, std::uint64_t address, Instruction& out);
  /// Only length, flow and target: twice as fast.
  [[nodiscard]] bool DecodeFlow(ByteView bytes, std::uint64_t address, Instruction& out);
  /// The bytes of the first instruction as a YARA hex string, "E8 ?? ?? ?? ??": addresses and relative targets, which
  /// change from build to build, are wild. Empty when it is no instruction.
  [[nodiscard]] std::string Pattern(ByteView bytes, std::uint64_t address);
  /// Intel syntax, for people; empty when it is no instruction.
  [[nodiscard]] std::string Text(ByteView bytes, std::uint64_t address);

 private:
  struct Zydis;
  const Executable& executable_;
  std::uint64_t low_ = 0, high_ = 0;  // of the image: what may be an address at all
  // Code of images without a fixed base (shared objects) names nothing by absolute address: every number in it would
  // look like one.
  bool fixed_ = false;
  std::unique_ptr<Zydis> zydis_;
};

/// Zydis's name of a mnemonic number: "mov".
[[nodiscard]] std::string MnemonicName(std::uint16_t mnemonic);

}  // namespace ascribe
