#pragma once

#include <filesystem>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace ascribe {

/// SHA-256 (FIPS 180-4) through OpenSSL EVP, as 64 lower-case hex digits. Thread-safe.
[[nodiscard]] std::string Sha256Hex(ByteView bytes);

/// SHA-256 of a file in 1 MiB pieces, for files too large to hold. Errors: kIo, kNotFound.
[[nodiscard]] Result<std::string> Sha256File(const std::filesystem::path& path);

/// MD5 (RFC 1321), 32 hex digits: only ever a look-up key, never a proof of identity.
[[nodiscard]] std::string Md5Hex(ByteView bytes);
/// SHA-1, 40 hex digits: a look-up key, as above.
[[nodiscard]] std::string Sha1Hex(ByteView bytes);

}  // namespace ascribe
