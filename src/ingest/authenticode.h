#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace ascribe {

/// The certificate behind one signature of a program, as it stands in the file. Nothing is verified: a signature that does
/// not fit the file, or was copied from another, still names a certificate.
struct Signer {
  std::string subject, issuer;           ///< RFC 2253 text, UTF-8
  std::string organisation;              ///< O of the subject; may be empty
  std::string serial;                    ///< hex digits, lower case
  std::string valid_from, valid_to;      ///< "2012-06-01", empty when the certificate says nonsense
  std::uint64_t offset = 0, length = 0;  ///< of the certificate in the file
};

struct Signatures {
  std::vector<Signer> signers;  ///< in file order, each certificate once
  std::string odd;              ///< what could not be read, one line; empty: nothing
};

/// Reads the certificate table of a PE file (WIN_CERTIFICATE records with PKCS #7 in them) at [offset, offset + size), by
/// OpenSSL. Pure, thread-safe.
[[nodiscard]] Signatures ReadSignatures(ByteView file, std::uint64_t offset, std::uint64_t size);

/// Records of the table; files have one, doubly signed ones two.
inline constexpr std::size_t kMaxSignatureRecords = 8;
/// Bytes of one record: chains with time stamps take some 10 to 30 KiB, signed lists of page hashes more.
inline constexpr std::uint64_t kMaxSignatureBytes = std::uint64_t{4} << 20;
/// Bytes of a name: longer ones are an attack on whoever prints them.
inline constexpr std::size_t kMaxSignerName = 1024;

}  // namespace ascribe
