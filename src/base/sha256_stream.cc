#include "base/sha256_stream.h"

#include <openssl/evp.h>

#include <array>
#include <cassert>

namespace ascribe {

struct Sha256Stream::State {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
};

Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) {
  const int ok = EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr);
  assert(ok == 1);  // only fails without memory or provider
  (void)ok;
}
Sha256Stream::~Sha256Stream() = default;

void Sha256Stream::Add(std::string_view piece) {
  const int ok = EVP_DigestUpdate(state_->context.get(), piece.data(), piece.size());
  assert(ok == 1);
  (void)ok;
}

std::string Sha256Stream::Hex() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  const int ok = EVP_DigestFinal_ex(state_->context.get(), digest.data(), &size);
  assert(ok == 1);
  (void)ok;
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (unsigned i = 0; i < size; ++i) {
    out += kDigits[digest[i] >> 4];
    out += kDigits[digest[i] & 15];
  }
  return out;
}

}  // namespace ascribe
