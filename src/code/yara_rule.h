#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "code/code_base.h"
#include "code/sample_code.h"

namespace ascribe {

/// What the blocks of a rule were held against.
struct RuleChecks {
  std::size_t samples = 0;      ///< samples of other families in whose kept code every string was looked for, byte by byte
  std::size_t families = 0;     ///< of so many families; a sample without one is a family of its own
  std::size_t unscanned = 0;    ///< samples of other families of which only features were compared: no code was kept, or the limits were reached
  std::size_t goodware_samples = 0;  ///< whose features were compared; however the index happens to be divided
};

struct YaraRule {
  std::string text;              ///< the rule; empty when there is too little to make one from
  std::size_t blocks = 0;        ///< strings in it
  std::size_t in_all = 0;        ///< blocks that all samples hold
  std::size_t goodware = 0;      ///< of them dropped: in goodware
  std::size_t elsewhere = 0;     ///< of them dropped: in samples of other families, by their features
  std::size_t in_bytes = 0;      ///< of the candidates dropped: their bytes occur in the kept code of other families
  RuleChecks checks;
};

/// Kept code that is searched: of every family one sample before the second of any, some seconds of work in all.
struct RuleLimits {
  std::size_t samples = 4096;
  std::uint64_t bytes = std::uint64_t{1} << 30;
};

/// A rule from basic blocks that all the samples hold and nobody else does: neither goodware (by features) nor a sample of
/// the code base with another family than `family` (empty: than those of the samples themselves), by features and by the
/// bytes of the code that was kept of it. Blocks are chosen by length, at most one a function before the second of any;
/// addresses in them are wild. Checked against the samples themselves: each block occurs in each. Labels are cleaned in the
/// rule's name and escaped in its strings. The same input gives the same text. Errors: of the code base.
[[nodiscard]] Result<YaraRule> MakeYaraRule(const CodeBase& base, const std::vector<std::unique_ptr<SampleCode>>& samples,
                                            const std::string& family, RuleLimits limits = {});

/// Blocks in a rule: enough that a new version keeps most of them.
inline constexpr std::size_t kMaxRuleBlocks = 20, kMinRuleBlocks = 3;
/// Shorter blocks are chance: 8 instructions of 3 bytes.
inline constexpr std::uint32_t kRuleBlockInstructions = 8;
/// Bytes that are not wild in a block, at least.
inline constexpr std::size_t kRuleBlockBytes = 16;
/// Bytes of a block in the rule: unrolled code has blocks of thousands, and its beginning is as good a mark.
inline constexpr std::size_t kMaxRuleBlockBytes = 256;
/// Blocks whose bytes are looked for elsewhere: twenty times what a rule takes, so that some may fall.
inline constexpr std::size_t kMaxRuleCandidates = 400;

}  // namespace ascribe
