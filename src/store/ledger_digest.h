#pragma once

#include <span>
#include <string>

#include "store/batch.h"

namespace ascribe {

/// The facts of a batch in FactLess order, as the ledger stores them. Points into the batch.
[[nodiscard]] std::vector<const Fact*> SortedFacts(const Batch& batch);

/// SHA-256 over everything a batch says (docs/formats/ledger.md, "Digest"), with its facts in the order given. Guards
/// against damage, not against an adversary who can write the file.
[[nodiscard]] std::string BatchDigest(const Batch& batch, std::span<const Fact* const> facts);

}  // namespace ascribe
