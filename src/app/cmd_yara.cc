// `ascribe yara FILES`: a detection rule from code that only these samples have.

#include <fmt/format.h>

#include <algorithm>

#include "app/code_folder.h"
#include "app/commands.h"
#include "app/exit_codes.h"
#include "base/io.h"
#include "base/text.h"
#include "code/programs.h"
#include "code/yara_rule.h"
#include "ingest/reader.h"

namespace ascribe {
namespace {

using Samples = std::vector<std::unique_ptr<SampleCode>>;

// An archive may hold any number; all of them are in memory at once. As many as files may be named.
constexpr std::size_t kMaxSamples = 1000;

// The programs of a file, each once.
Status AddPrograms(const std::string& path, Samples& samples) {
  TRY_ASSIGN(Bytes bytes, ReadFile(path, kMaxEvidenceBytes));
  const auto odd = ForEachProgram(path, std::move(bytes), Carried::kNot, [&](const std::string& name, Bytes program) -> Status {
    auto sample = ReadSampleCode(std::move(program));
    if (!sample) return FailAt(name, sample.error());
    if (!(*sample)->unavailable.empty()) return Fail(ErrorCode::kUnsupported, fmt::format("{}: code evidence unavailable: {}", name, (*sample)->unavailable));
    if (std::any_of(samples.begin(), samples.end(), [&](const auto& s) { return s->sha256 == (*sample)->sha256; })) return {};
    if (samples.size() == kMaxSamples) return Fail(ErrorCode::kLimitExceeded, fmt::format("{}: more than {} programs for one rule; name fewer", name, kMaxSamples));
    samples.push_back(std::move(*sample));
    return {};
  });
  // What `each` refuses says itself which program it is.
  if (!odd) return odd.error().message.starts_with(path) ? tl::unexpected(odd.error()) : FailAt(path, odd.error());
  for (const std::string& text : *odd) Talk("ascribe: " + TerminalSafe(text) + "\n");
  return {};
}

}  // namespace

int CmdYara(const CommandLine& line) {
  const auto folder = CodeFolder(line.kb);
  if (!folder) return Report(folder.error());
  const auto base = CodeBase::Open(*folder);
  if (!base) return Report(base.error());
  Samples samples;
  for (const std::string& path : line.paths)
    if (const Status added = AddPrograms(path, samples); !added) return Report(added.error());
  const auto rule = MakeYaraRule(*base, samples, line.family);
  if (!rule) return Report(rule.error());
  const std::string left_out = fmt::format("{} blocks in all samples; left out: {} of goodware, {} of other families by features, {} by bytes", rule->in_all,
                                           rule->goodware, rule->elsewhere, rule->in_bytes);
  if (rule->text.empty())
    return Report({ErrorCode::kUnsupported,
                   fmt::format("too little code of their own for a rule: {}; {} of 16 bytes and more remain, {} are needed{}", left_out, rule->blocks, kMinRuleBlocks,
                               line.family.empty() && rule->elsewhere + rule->in_bytes > 0 ? "; is their family in the knowledge base? Name it with --family" : "")});
  Talk(fmt::format("ascribe: {}; {} in the rule, held against the code of {} samples of {} other families\n", left_out, rule->blocks, rule->checks.samples,
                   rule->checks.families));
  if (rule->checks.unscanned > 0)
    Talk(fmt::format("ascribe: of {} samples of other families only features were compared: no code of them was kept (add them again), or the limits were reached\n",
                     rule->checks.unscanned));
  if (base->part(CodeBase::Part::kGoodware) == nullptr)
    Talk("ascribe: there is no goodware index: the rule may hit libraries; run tools/goodware.sh or kb add --goodware first\n");
  return Print(rule->text) ? kExitDone : kExitFailure;
}

}  // namespace ascribe
