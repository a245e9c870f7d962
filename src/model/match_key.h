#pragma once

#include <string>
#include <string_view>

#include "model/entity.h"

namespace ascribe {

/// The form under which two entities count as the same thing: "type:value", except that
///  - a protocol literal is compared in one-byte-XOR canonical form: every byte XORed with the first one, so that the
///    same literal under any one-byte key has the same key ("hex:.." values are decoded first; shorter than 6 bytes: as is);
///  - Windows names (PDB paths, mutexes, services, pipes, file paths, registry keys) are compared without ASCII case;
///  - a URL is compared by its path, as hosts are entities of their own.
[[nodiscard]] std::string MatchKey(const Entity& entity);

/// The literal behind an XORed one, for people: the key (0..255) that gives the most letters, digits and blanks; the
/// lowest such key. Returns the printable text, or the hex form when no key gives at least 90 % printable bytes.
[[nodiscard]] std::string ReadableLiteral(std::string_view value);

}  // namespace ascribe
