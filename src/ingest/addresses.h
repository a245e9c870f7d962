#pragma once

#include <string_view>

namespace ascribe {

/// True for addresses that name no machine on the public internet: private, loopback, link-local, multicast, shared
/// and future-use space of RFC 6890; not the documentation ranges. `address` is canonical IPv4 or IPv6 text.
[[nodiscard]] bool IsReservedAddress(std::string_view address);

/// True when `text` before an IPv4-like number says that it is a version: "version ", "v", "ver. ", "build ", "OID ".
[[nodiscard]] bool EndsLikeVersionWord(std::string_view text);

}  // namespace ascribe
