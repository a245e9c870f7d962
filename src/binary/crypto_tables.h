#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace ascribe {

/// A table that an algorithm cannot do without, or a key, by its bytes.
struct CryptoFind {
  enum class Kind : std::uint8_t {
    kAlgorithm,  ///< numbers of a published algorithm: says what the program can do, not who wrote it
    kAlphabet,   ///< 64 characters in an order that no standard knows
    kKey,        ///< a public or private key inside
  };
  Kind kind = Kind::kAlgorithm;
  std::uint64_t offset = 0, length = 0;
  std::string name;  ///< "AES S-box", the 64 characters, or "rsa-2048-<SHA-256 of the bytes, first 32 digits>"
};

/// Tables and keys of a file, by offset, each algorithm once (where it stands first). Numbers inside instructions are not
/// looked for. Certificates are no keys: everybody carries those of the large authorities. Linear in the file; pure.
[[nodiscard]] std::vector<CryptoFind> FindCrypto(ByteView file);

/// Alphabets and keys kept, each: programs have one or two, forged files as many as fit.
inline constexpr std::size_t kMaxCryptoFinds = 64;
/// Bytes between the lines of a key in text form; an RSA key of 16,384 bits takes some 12 KiB.
inline constexpr std::size_t kMaxKeyBlock = 16 * 1024;

}  // namespace ascribe
