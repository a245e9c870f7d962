#include "ingest/addresses.h"

#include <arpa/inet.h>

#include <array>
#include <cstdint>
#include <string>

#include "base/text.h"

namespace ascribe {
namespace {

struct Range {
  std::uint32_t first;
  unsigned bits;
};
// RFC 6890 and RFC 6598, without 192.0.2.0/24, 198.51.100.0/24 and 203.0.113.0/24.
constexpr std::array<Range, 12> kReserved = {{
    {0x00000000, 8},   // "this" network
    {0x0A000000, 8},   // private
    {0x64400000, 10},  // shared, carrier NAT
    {0x7F000000, 8},   // loopback
    {0xA9FE0000, 16},  // link-local
    {0xAC100000, 12},  // private
    {0xC0000000, 24},  // protocol assignments
    {0xC0586300, 24},  // 6to4 relays
    {0xC0A80000, 16},  // private
    {0xC6120000, 15},  // benchmarks
    {0xE0000000, 4},   // multicast
    {0xF0000000, 4},   // future use, broadcast
}};

}  // namespace

bool IsReservedAddress(std::string_view address) {
  const std::string text(address);
  in_addr v4{};
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) {
    const std::uint32_t value = ntohl(v4.s_addr);
    for (const Range& range : kReserved)
      if ((value ^ range.first) >> (32 - range.bits) == 0) return true;
    return false;
  }
  in6_addr v6{};
  if (inet_pton(AF_INET6, text.c_str(), &v6) != 1) return false;
  const std::uint8_t first = v6.s6_addr[0], second = v6.s6_addr[1];
  if (first == 0xFF || (first & 0xFE) == 0xFC) return true;   // multicast, unique local
  if (first == 0xFE && (second & 0xC0) >= 0x80) return true;  // link-local, site-local
  return first == 0;                                          // ::, ::1, mapped IPv4
}

bool EndsLikeVersionWord(std::string_view text) {
  constexpr std::array<std::string_view, 10> kWords = {"version", "versions", "ver", "v",   "build",
                                                       "release", "rev",      "oid", "sdk", "firmware"};
  while (!text.empty() && (text.back() == ' ' || text.back() == '.' || text.back() == ':' || text.back() == '='))
    text.remove_suffix(1);
  std::size_t begin = text.size();
  while (begin > 0 && ((text[begin - 1] | 0x20) >= 'a' && (text[begin - 1] | 0x20) <= 'z') && text.size() - begin < 12)
    --begin;
  const std::string word = AsciiLower(text.substr(begin));
  for (std::string_view known : kWords)
    if (word == known) return true;
  return false;
}

}  // namespace ascribe
