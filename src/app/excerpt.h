#pragma once

#include <string>

#include "base/bytes.h"
#include "model/locator.h"

namespace ascribe {

/// The bytes a locator points at, as at most 300 bytes of terminal-safe text: the line, the byte range, the JSON value, the
/// TOML line. "(not found)" when the locator leads nowhere, which means the bytes are not those that were read.
[[nodiscard]] std::string ExcerptAt(ByteView bytes, const Locator& locator);

}  // namespace ascribe
