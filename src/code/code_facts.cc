#include "code/code_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "code/tiers.h"

namespace ascribe {
namespace {

std::string What(const CodeLink& link) {
  const auto channel = static_cast<CodeChannel>(ChannelOf(link.feature));
  switch (channel) {
    case CodeChannel::kFunction:
      return "the whole function";
    case CodeChannel::kBlock:
      return "a block";
    case CodeChannel::kText:
      return "a text";
    case CodeChannel::kConstant:
      return "a number";
    case CodeChannel::kTable:
      return "a table";
    case CodeChannel::kImport:
      return "an import";
    default:
      return "instructions";
  }
}

// Metadata and texts that point elsewhere than the code: facts about those things, not about the sample, so that they never
// weigh for whom they point at; the contradiction rules take them up.
Status AddForeign(const CodeBase& base, const SampleCode& sample, const FileMatch& match, const MatchOptions& options, Reading& reading) {
  TRY_ASSIGN(const TierComparison tiers, CompareTiers(base, sample, match, MetadataOf(sample), options));
  std::string code = "no known family";
  if (const auto& top = tiers.top[static_cast<std::size_t>(Tier::kCode)]; top && top->hard >= kCodeAbsent)
    code = fmt::format("{} (likeness of numbers and code {:.2f})", top->family, top->hard);
  for (const TierPointer& p : tiers.foreign) {
    Fact fact;
    fact.relation = Relation::kResembles;
    TRY_ASSIGN(fact.object, MakeEntity(EntityType::kMalware, EntityName(p.family)));
    fact.verification = Verification::kMeasured;
    fact.evidence = sample.sha256;
    fact.extractor = std::string(kCodeTiersExtractor);
    const std::string against =
        fmt::format("numbers and code of {} it has not (likeness {:.2f}); they point to {}", p.family, p.hard, code);
    if (p.items.empty()) {  // texts: no single one of them points
      fact.subject = {EntityType::kText, "texts of " + sample.sha256};
      fact.locator = {Locator::Kind::kByteRange, 0, sample.bytes.size(), {}};
      const std::string use = Words(p.use);
      fact.note = fmt::format("{} like {} ({}), {:.2f}, {} of them in no other known family; {}{}{}", Name(p.tier),
                              p.family, p.sha256.substr(0, 16), p.strength, p.only, use, use.empty() ? "" : "; ", against);
      reading.facts.push_back(std::move(fact));
      continue;
    }
    for (const MetadataItem& item : p.items) {
      Fact one = fact;
      one.subject = item.entity;
      one.locator = item.locator;
      one.note = fmt::format("{}: the {} is that of {} ({}), which no other known family has; {}", Name(p.tier), item.what, p.family,
                             p.sha256.substr(0, 16), against);
      reading.facts.push_back(std::move(one));
    }
  }
  return {};
}

std::string Labels(const index::SampleMeta& meta) {
  std::string text = meta.family.empty() ? "a sample without family" : meta.family;
  if (!meta.version.empty()) text += " " + meta.version;
  return text;
}

}  // namespace

bool NeedsCodeBase(std::string_view extractor) { return extractor.starts_with("code-match@") || extractor.starts_with("code-tiers@"); }

std::string EntityName(std::string_view label) {
  std::string name;
  for (char c : AsciiLower(label)) {
    const bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '+';
    if (kept) name += c;
    else if (!name.empty() && name.back() != '-') name += '-';
  }
  while (!name.empty() && name.back() == '-') name.pop_back();
  return name;
}

Result<Reading> CodeFacts(const CodeBase& base, const SampleCode& sample, std::vector<CodeComparison>* shown) {
  Reading reading;
  if (!sample.unavailable.empty()) {
    reading.diagnostics.push_back({Diagnostic::Severity::kInfo, sample.sha256, {}, "code-unavailable",
                                   "code evidence unavailable: " + sample.unavailable});
    return reading;
  }
  MatchOptions options;
  options.top = kMatchCandidates;
  TRY_ASSIGN(const FileMatch match, MatchSample(base, sample, options));
  if (match.folded > 0)
    reading.diagnostics.push_back({Diagnostic::Severity::kInfo, sample.sha256, {}, "goodware-folded",
                                   fmt::format("{} of {} functions are those of common libraries and weigh nothing", match.folded,
                                               match.functions)});
  std::set<std::string> families;
  for (const SampleMatch& m : match.matches) {
    const std::string family = EntityName(m.meta.family);
    if (m.lr < kLeastRatio || family.empty() || !families.insert(family).second) continue;
    TRY_ASSIGN(const std::vector<CodeLink> links, LinksBetween(base, sample, match, m, options, 1000));
    if (links.empty()) continue;
    std::set<std::uint64_t> functions;
    for (const CodeLink& link : links) functions.insert(link.address);
    Fact fact;
    fact.subject = {EntityType::kSample, sample.sha256};
    fact.relation = m.same_tool ? Relation::kSameToolAs : Relation::kSharesFunctionsWith;
    TRY_ASSIGN(fact.object, MakeEntity(EntityType::kMalware, family));
    fact.verification = Verification::kMeasured;
    fact.confidence = std::min(.99, m.lr / (1 + m.lr));
    fact.evidence = sample.sha256;
    fact.extractor = std::string(kCodeMatchExtractor);
    const std::size_t first = sample.program.Find(links.front().address);
    const auto offset = sample.executable.OffsetOf(links.front().address);
    if (first != Program::npos && offset)
      fact.locator = {Locator::Kind::kByteRange, *offset, sample.program.functions[first].end - links.front().address, {}};
    fact.note = fmt::format("like {} ({}), likeness {:.2f}, x{:.3g}; {} functions{} share what no library has", Labels(m.meta),
                            m.meta.sha256.substr(0, 16), m.score, m.lr, functions.size(), links.size() == 1000 ? " or more" : "");
    std::set<std::pair<std::uint64_t, std::string>> told;  // one of a kind a function
    for (const CodeLink& link : links) {
      if (told.size() == kLinksInNote) break;
      if (!told.emplace(link.address, What(link)).second) continue;
      fact.note += fmt::format("; {:x} = {}: {}, in {} famil{}", link.address,
                               link.other_address == 0 ? std::string("its data") : fmt::format("{:x}", link.other_address), What(link),
                               link.df.families, link.df.families == 1 ? "y" : "ies");
    }
    if (shown != nullptr) {
      shown->push_back(StrongestFunctions(sample, m, links));
      shown->back().family = fact.object.ToString();
      ShowKeptCode(base, sample, shown->back());
    }
    reading.facts.push_back(std::move(fact));
  }
  TRY(AddForeign(base, sample, match, options, reading));
  std::sort(reading.facts.begin(), reading.facts.end(), FactLess);
  return reading;
}

}  // namespace ascribe
