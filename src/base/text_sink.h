#pragma once

#include <functional>
#include <string_view>

namespace ascribe {

/// Takes a text piece by piece, in order: for documents too large to be held whole.
using TextSink = std::function<void(std::string_view)>;

}  // namespace ascribe
