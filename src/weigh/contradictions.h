#pragma once

#include <vector>

#include "model/assessment.h"
#include "store/link.h"

namespace ascribe {

/// Finds pairs of observations in the case that cannot both be honest, by rules on the facts themselves (nothing is typed
/// in as "contradicts"), cancels the claims they undermine and says for whom an imitator was posing:
///
///  build-metadata-against-code   a Rich header's compiler is older than a library the same sample needs, or than another
///                                compiler seen in it
///  foreign-header               a Rich header cannot be that of the file it stands in (key, linker, padding of the code)
///  metadata-against-code        metadata or texts are those of a known tool whose numbers and code the sample has not
///  stamp-after-first-seen        a build time stamp lies after the day the sample was first seen
///  signed-after-key-was-public   a signature is younger than the publication of its key
///  internal-address              an address with a country is used inside the victim
///  persona-language              a persona claims a language it was found not to speak
///  demand-without-means          money is demanded and nothing works to receive it
///  public-code-explains-link     a sample said to share code with somebody is built on a public tool
///  language-against-hours        a language trace fits neither the working hours nor the keyboard or system settings
///  claimed-tool-against-code     a sample was named as a tool of A, its measured code is known from B only
///
/// Rules without an entry in the parameters are not applied. `claims` are changed in place (cancelled, cancelled_by).
[[nodiscard]] std::vector<Contradiction> FindContradictions(const LinkContext& context, std::vector<Claim>& claims);

}  // namespace ascribe
