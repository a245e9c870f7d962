#pragma once

#include <vector>

#include "store/link.h"

namespace ascribe {

/// Claims from circumstances and targets (group "victim") and from what people say (group "human"), and the absence of any
/// shared tool. Pure; sorted by claim id. Step "context-link@1".
[[nodiscard]] std::vector<Claim> LinkContextual(const LinkContext& context);

/// One claim against the actors whose tools are known and of which the case, which has tools too, shares none.
/// `code` are the claims of the code linker. Nothing when the case shows no tools.
[[nodiscard]] std::optional<Claim> AbsenceOfTools(const LinkContext& context, const std::vector<Claim>& code);

}  // namespace ascribe
