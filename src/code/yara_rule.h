#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "code/code_base.h"
#include "code/sample_code.h"

namespace ascribe {

struct YaraRule {
  std::string text;              ///< the rule; empty when there is too little to make one from
  std::size_t blocks = 0;        ///< strings in it
  std::size_t in_all = 0;        ///< blocks that all samples hold
  std::size_t goodware = 0;      ///< of them dropped: in goodware
  std::size_t elsewhere = 0;     ///< of them dropped: in samples of other families
};

/// A rule from basic blocks that all the samples hold and nobody else does: neither goodware nor a sample of the code base
/// with another family than `family` (empty: than those of the samples themselves). Blocks are chosen by length, at most
/// one a function before the second of any; addresses in them are wild. Checked against the samples themselves: each block
/// occurs in each. Labels and names in it are cleaned, so that no file name can end a string. Errors: of the code base.
[[nodiscard]] Result<YaraRule> MakeYaraRule(const CodeBase& base, const std::vector<std::unique_ptr<SampleCode>>& samples,
                                            const std::string& family);

/// Blocks in a rule: enough that a new version keeps most of them.
inline constexpr std::size_t kMaxRuleBlocks = 20, kMinRuleBlocks = 3;
/// Shorter blocks are chance: 8 instructions of 3 bytes.
inline constexpr std::uint32_t kRuleBlockInstructions = 8;
/// Bytes that are not wild in a block, at least.
inline constexpr std::size_t kRuleBlockBytes = 16;

}  // namespace ascribe
