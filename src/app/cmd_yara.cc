// `ascribe yara FILES`: a detection rule from code that only these samples have.

#include <fmt/format.h>

#include "app/code_folder.h"
#include "app/commands.h"
#include "app/exit_codes.h"
#include "base/io.h"
#include "base/text.h"
#include "code/yara_rule.h"
#include "ingest/reader.h"

namespace ascribe {

int CmdYara(const CommandLine& line) {
  const auto folder = CodeFolder(line.kb);
  if (!folder) return Report(folder.error());
  const auto base = CodeBase::Open(*folder);
  if (!base) return Report(base.error());
  std::vector<std::unique_ptr<SampleCode>> samples;
  for (const std::string& path : line.paths) {
    auto bytes = ReadFile(path, kMaxEvidenceBytes);
    if (!bytes) return Report(bytes.error());
    auto sample = ReadSampleCode(std::move(*bytes));
    if (!sample) return Report({sample.error().code, path + ": " + sample.error().message});
    if (!(*sample)->unavailable.empty())
      return Report({ErrorCode::kUnsupported, fmt::format("{}: code evidence unavailable: {}", path, (*sample)->unavailable)});
    samples.push_back(std::move(*sample));
  }
  const auto rule = MakeYaraRule(*base, samples, line.family);
  if (!rule) return Report(rule.error());
  Talk(fmt::format("ascribe: {} blocks in all samples; left out: {} of goodware, {} of other families; {} in the rule\n", rule->in_all,
                   rule->goodware, rule->elsewhere, rule->text.empty() ? 0 : rule->blocks));
  if (base->part(CodeBase::Part::kGoodware) == nullptr)
    Talk("ascribe: there is no goodware index: the rule may hit libraries; run tools/goodware.sh or kb add --goodware first\n");
  if (rule->text.empty())
    return Report({ErrorCode::kUnsupported, fmt::format("too little code of their own for a rule: {} blocks, {} are needed", rule->blocks, kMinRuleBlocks)});
  return Print(rule->text) ? kExitDone : kExitFailure;
}

}  // namespace ascribe
