#pragma once

#include <cstddef>
#include <string>

#include "model/assessment.h"
#include "model/case.h"

namespace ascribe {

/// More nodes than this nobody can read.
inline constexpr std::size_t kMaxGraphNodes = 200;

/// The argument as a layered graph, laid out: evidence -> facts -> claims -> hypotheses, left to right. Claims are the
/// heaviest ones; facts of one claim and one piece of evidence are one folded node, and what does not fit is counted in
/// "folded". JSON: {"width","height","nodes":[{"id","column","x","y","label","title","count"}],"edges":[{"from","to","weight"}],"folded"};
/// positions in pixels, weight in nats (negative: speaks against), edges by place of node. Deterministic.
[[nodiscard]] std::string ArgumentGraphJson(const CaseData& data, const Assessment& assessment);

}  // namespace ascribe
