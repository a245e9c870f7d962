#include "base/sha256.h"

#include <openssl/evp.h>

#include <array>
#include <cassert>
#include <fstream>
#include <memory>

namespace ascribe {
namespace {

using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

std::string Hex(const unsigned char* data, unsigned size) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(size * 2);
  for (unsigned i = 0; i < size; ++i) {
    out += kDigits[data[i] >> 4];
    out += kDigits[data[i] & 15];
  }
  return out;
}

std::string Digest(const EVP_MD* method, ByteView bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  const int ok = EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, method, nullptr);
  assert(ok == 1);  // only fails without memory or provider
  (void)ok;
  return Hex(out.data(), size);
}

}  // namespace

std::string Sha256Hex(ByteView bytes) { return Digest(EVP_sha256(), bytes); }
std::string Md5Hex(ByteView bytes) { return Digest(EVP_md5(), bytes); }
std::string Sha1Hex(ByteView bytes) { return Digest(EVP_sha1(), bytes); }

Result<std::string> Sha256File(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Fail(ErrorCode::kIo, "cannot open " + path.string());
  Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  if (!context || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1)
    return Fail(ErrorCode::kInternal, "SHA-256 is not available");
  std::vector<char> buffer(1 << 20);
  while (in) {
    in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    if (in.gcount() > 0 && EVP_DigestUpdate(context.get(), buffer.data(), static_cast<std::size_t>(in.gcount())) != 1)
      return Fail(ErrorCode::kInternal, "SHA-256 failed");
  }
  if (in.bad()) return Fail(ErrorCode::kIo, "cannot read " + path.string());
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  if (EVP_DigestFinal_ex(context.get(), out.data(), &size) != 1) return Fail(ErrorCode::kInternal, "SHA-256 failed");
  return Hex(out.data(), size);
}

}  // namespace ascribe
