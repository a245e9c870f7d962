#include "interchange/uuid5.h"

#include <cassert>

#include "base/sha256.h"

namespace ascribe {
namespace {

int Nibble(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

}  // namespace

std::string Uuid5(std::string_view name_space, std::string_view name) {
  assert(name_space.size() == 36);
  std::string bytes;
  for (std::size_t i = 0; i + 1 < name_space.size(); ++i) {
    if (name_space[i] == '-') continue;
    bytes += static_cast<char>(Nibble(name_space[i]) << 4 | Nibble(name_space[i + 1]));
    ++i;
  }
  bytes += name;
  std::string hex = Sha1Hex(std::string_view(bytes)).substr(0, 32);
  hex[12] = '5';
  hex[16] = "89ab"[Nibble(hex[16]) & 3];
  return hex.substr(0, 8) + '-' + hex.substr(8, 4) + '-' + hex.substr(12, 4) + '-' + hex.substr(16, 4) + '-' +
         hex.substr(20);
}

}  // namespace ascribe
