#pragma once

#include <vector>

#include "respond/plan.h"
#include "respond/response_table.h"
#include "store/knowledge.h"
#include "store/tables.h"
#include "store/visible.h"

namespace ascribe {

struct BlockList {
  std::vector<BlockEntry> block;        ///< by entity
  std::vector<NotBlocked> not_blocked;  ///< by entity
  std::size_t block_left_off = 0, not_blocked_left_off = 0;
};

/// Addresses, names, URLs and hashes of the case: those worth blocking until a day, and those that must not be blocked
/// with the reason. Never blocked: private and reserved addresses, ranges, what is on a hygiene list as shared (CDN,
/// sinkhole, public resolver, relay, shared hosting, well-known sites) or listed so by a source, what the victim uses
/// itself, what is withdrawn or unverified, what has expired by `as_of` of the case. Pure.
[[nodiscard]] BlockList MakeBlockList(const VisibleCase& seen, const Hygiene& hygiene, const Knowledge& knowledge,
                                      const ResponseTable& table);

}  // namespace ascribe
