#pragma once

#include <string_view>

#include "base/result.h"
#include "index/sample.h"

namespace ascribe {

/// "actor=X,family=Y,version=V,package=P", any of them, in any order. Values may hold anything but a comma; they are
/// names, never paths. Errors: kInvalidInput (unknown or repeated key, empty value, longer than 200 bytes).
[[nodiscard]] Result<index::SampleMeta> ParseLabel(std::string_view text);

}  // namespace ascribe
