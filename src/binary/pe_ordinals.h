#pragma once

#include <cstdint>
#include <string_view>

namespace ascribe {

/// The name that stands for `ordinal` of `library` (lower case, "ws2_32.dll") in an imphash; empty when it has none
/// there, and the hash has "ordN". Only ws2_32.dll, wsock32.dll and oleaut32.dll have names, and wsock32.dll those of
/// ws2_32.dll: as is the custom with imphash: a value computed otherwise would match nobody's.
[[nodiscard]] std::string_view ImphashOrdinalName(std::string_view library, std::uint16_t ordinal);

}  // namespace ascribe
