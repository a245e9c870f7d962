#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace ascribe {

/// Stretches of a text, each begin and length in bytes, ascending.
using TextSpans = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

/// The operands of two instructions of one kind, as text ("rol eax, 0x07"), that are not the same on both sides.
void DifferingOperands(const std::string& a, const std::string& b, TextSpans& in_a, TextSpans& in_b);

/// The text with `before` and `after` around each span; every part goes through `safe` on its own. Spans that do not
/// ascend or lie outside are left out.
[[nodiscard]] std::string WithMarks(const std::string& text, const TextSpans& spans, const std::string& before,
                                    const std::string& after,
                                    const std::function<std::string(const std::string&)>& safe);

}  // namespace ascribe
