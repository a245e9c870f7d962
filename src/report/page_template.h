#pragma once

#include <string_view>

namespace ascribe {

/// src/report/template.html as it was built from web/ (`npm run build`) and committed: no Node is needed to build the program.
[[nodiscard]] std::string_view PageTemplate();

}  // namespace ascribe
