#include "code/yara_rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "code/code_facts.h"
#include "code/pattern_scan.h"
#include "disasm/decoder.h"
#include "disasm/function_body.h"

namespace ascribe {
namespace {

struct Block {
  CodeBlock at;
  std::uint64_t function = 0;
};

// Blocks of a sample by feature: the first place of each.
std::map<std::uint64_t, Block> BlocksByFeature(const SampleCode& sample) {
  std::map<std::uint64_t, Block> blocks;
  for (const CodeFunction& f : sample.program.functions) {
    if (f.instructions < kMinFunction) continue;
    for (const CodeBlock& block : BlocksOf(sample.executable, f.address, f.end))
      if (block.feature != 0 && block.instructions >= kRuleBlockInstructions) blocks.try_emplace(block.feature, Block{block, f.address});
  }
  return blocks;
}

std::string PatternOf(const SampleCode& sample, const Block& in_function) {
  const CodeBlock& block = in_function.at;
  Decoder decoder(sample.executable);
  FunctionBody body;
  body.Read(decoder, sample.executable, in_function.function, block.end);
  std::string pattern;
  std::uint64_t at = block.address;
  for (const Instruction& in : body.instructions) {
    if (in.address < block.address) continue;
    // Padding inside a block is of any length in another build: the pattern ends before it.
    if (in.address != at || in.end() - block.address > kMaxRuleBlockBytes) break;
    const std::string part = decoder.Pattern(sample.executable.At(at), in);
    if (part.empty()) return {};
    pattern += (pattern.empty() ? "" : " ") + part;
    at = in.end();
  }
  while (pattern.ends_with(" ??")) pattern.resize(pattern.size() - 3);
  return pattern;
}

std::size_t Fixed(const std::string& pattern) {
  std::size_t fixed = 0;
  for (std::size_t i = 0; i < pattern.size(); i += 3) fixed += pattern[i] != '?';
  return fixed;
}

struct Candidate {
  std::string pattern;
  Block block;
};

// Of `order` the first `limit`, one of each function before the second of any; `take` may refuse one.
template <typename Item, typename Take>
void Spread(const std::vector<Item>& order, std::size_t limit, Take take) {
  std::vector<bool> asked(order.size(), false);
  std::map<std::uint64_t, std::size_t> of_function;
  std::size_t taken = 0;
  for (const std::size_t per_function : {std::size_t{1}, std::size_t{2}, limit}) {
    for (std::size_t i = 0; i < order.size() && taken < limit; ++i) {
      std::size_t& here = of_function[order[i].block.function];
      if (asked[i] || here >= per_function) continue;
      asked[i] = true;
      if (!take(order[i])) continue;
      ++here;
      ++taken;
    }
  }
}

// Patterns of the longest blocks that every sample holds as bytes: the same block may be encoded in another way elsewhere.
std::vector<Candidate> Candidates(const std::vector<std::unique_ptr<SampleCode>>& samples, const std::map<std::uint64_t, Block>& common) {
  std::vector<Candidate> order;
  for (const auto& [key, block] : common) order.push_back({{}, block});
  std::stable_sort(order.begin(), order.end(), [](const Candidate& a, const Candidate& b) {
    return a.block.at.instructions != b.block.at.instructions ? a.block.at.instructions > b.block.at.instructions : a.block.at.address < b.block.at.address;
  });
  std::vector<Candidate> candidates;
  std::set<std::string> patterns;
  Spread(order, kMaxRuleCandidates, [&](const Candidate& candidate) {
    std::string pattern = PatternOf(*samples.front(), candidate.block);
    if (Fixed(pattern) < kRuleBlockBytes || !PatternScan::Usable(pattern) || !patterns.insert(pattern).second) return false;
    candidates.push_back({std::move(pattern), candidate.block});
    return true;
  });
  std::vector<std::string> all;
  for (const Candidate& candidate : candidates) all.push_back(candidate.pattern);
  const PatternScan scan(all);
  std::vector<bool> everywhere(candidates.size(), true);
  for (const auto& sample : samples) {
    std::vector<bool> here(candidates.size(), false);
    scan.Scan(sample->bytes, here);
    for (std::size_t i = 0; i < here.size(); ++i) everywhere[i] = everywhere[i] && here[i];
  }
  std::vector<Candidate> good;
  for (std::size_t i = 0; i < candidates.size(); ++i)
    if (everywhere[i]) good.push_back(std::move(candidates[i]));
  // By length again: Spread put functions first.
  std::stable_sort(good.begin(), good.end(), [](const Candidate& a, const Candidate& b) {
    return a.block.at.instructions != b.block.at.instructions ? a.block.at.instructions > b.block.at.instructions : a.block.at.address < b.block.at.address;
  });
  return good;
}

// Drops the candidates whose bytes occur in the code kept of `others`.
void DropWhatHits(const CodeBase& base, const std::vector<index::SampleMeta>& others, RuleLimits limits, std::vector<Candidate>& candidates,
                  YaraRule& rule) {
  std::map<std::string, std::vector<std::string>> by_family;
  for (const index::SampleMeta& meta : others) by_family[meta.family.empty() ? "\n" + meta.sha256 : meta.family].push_back(meta.sha256);
  for (auto& [family, of_it] : by_family) std::sort(of_it.begin(), of_it.end());
  std::vector<std::string> patterns;
  for (const Candidate& candidate : candidates) patterns.push_back(candidate.pattern);
  const PatternScan scan(patterns);
  std::vector<bool> found(patterns.size(), false);
  std::set<std::string> families;
  std::uint64_t bytes = 0;
  std::size_t left = others.size();
  for (std::size_t round = 0; left > 0; ++round) {
    for (const auto& [family, of_it] : by_family) {
      if (round >= of_it.size()) continue;
      --left;
      if (rule.checks.samples == limits.samples || bytes >= limits.bytes) {
        ++rule.checks.unscanned;
        continue;
      }
      // Code that was not kept, or is damaged (`kb verify` says so), leaves the sample to its features.
      const auto kept = base.Kept(of_it[round]);
      if (!kept) {
        ++rule.checks.unscanned;
        continue;
      }
      for (const KeptCode::Section& section : kept->sections) {
        scan.Scan(section.bytes, found);
        bytes += section.bytes.size();
      }
      ++rule.checks.samples;
      families.insert(family);
    }
  }
  rule.checks.families = families.size();
  std::vector<Candidate> left_over;
  for (std::size_t i = 0; i < candidates.size(); ++i)
    if (!found[i]) left_over.push_back(std::move(candidates[i]));
  rule.in_bytes = candidates.size() - left_over.size();
  candidates = std::move(left_over);
}

// "Some Family 2" -> some_family_2_code: an identifier of YARA, and none of its own words, which end otherwise.
std::string Identifier(const std::string& label) {
  std::string name = EntityName(label);
  for (char& c : name)
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) c = '_';
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) name = "family_" + name;
  return name.substr(0, 100) + "_code";
}

// Between quotation marks in YARA; bytes beyond ASCII by number.
std::string Escaped(const std::string& text) {
  std::string out;
  for (char c : text) {
    if (c == '"' || c == '\\') (out += '\\') += c;
    else if (c >= 0x20 && c < 0x7F) out += c;
    else out += fmt::format("\\x{:02x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
  return out;
}

std::string Print(const YaraRule& rule, const std::vector<Candidate>& chosen, const std::vector<std::unique_ptr<SampleCode>>& samples, const std::string& family) {
  std::string out = fmt::format("rule {} {{\n  meta:\n    description = \"basic blocks that these samples share and nothing else known has\"\n",
                                Identifier(family.empty() ? "samples" : family));
  if (!family.empty()) out += fmt::format("    family = \"{}\"\n", Escaped(family));
  for (std::size_t i = 0; i < samples.size(); ++i) out += fmt::format("    sample{} = \"{}\"\n", i, samples[i]->sha256);
  const RuleChecks& checks = rule.checks;
  out += fmt::format("    blocks_in_all = {}\n    blocks_in_goodware = {}\n    blocks_in_other_families = {}\n    blocks_in_bytes_of_other_families = {}\n",
                     rule.in_all, rule.goodware, rule.elsewhere, rule.in_bytes);
  out += fmt::format("    validated_samples = {}\n    validated_families = {}\n    validated_by_features_only = {}\n    validated_goodware_samples = {}\n",
                     checks.samples, checks.families, checks.unscanned, checks.goodware_samples);
  out += "  strings:\n";
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    const Block& block = chosen[i].block;
    out += fmt::format("    $b{:02} = {{ {} }}  // {:x}, {} instructions, function {:x}\n", i, chosen[i].pattern, block.at.address, block.at.instructions, block.function);
  }
  const BinaryFormat format = samples.front()->executable.format;
  const std::string_view magic = format == BinaryFormat::kPe    ? "uint16(0) == 0x5A4D and "
                                 : format == BinaryFormat::kElf ? "uint32(0) == 0x464C457F and "
                                                                : "";
  return out + fmt::format("  condition:\n    {}{} of them\n}}\n", magic, std::max(kMinRuleBlocks, (chosen.size() * 3 + 4) / 5));
}

}  // namespace

Result<YaraRule> MakeYaraRule(const CodeBase& base, const std::vector<std::unique_ptr<SampleCode>>& samples, const std::string& family,
                                RuleLimits limits) {
  YaraRule rule;
  if (samples.empty()) return rule;
  std::map<std::uint64_t, Block> common = BlocksByFeature(*samples.front());
  for (std::size_t i = 1; i < samples.size(); ++i) {
    const std::map<std::uint64_t, Block> other = BlocksByFeature(*samples[i]);
    std::erase_if(common, [&](const auto& entry) { return other.count(entry.first) == 0; });
  }
  rule.in_all = common.size();
  std::vector<std::uint64_t> keys;
  for (const auto& [key, block] : common) keys.push_back(key);
  if (const index::IndexReader* goodware = base.part(CodeBase::Part::kGoodware); goodware != nullptr) {
    TRY_ASSIGN(const index::SignatureHits hits, goodware->LookupSignatures(keys));
    for (const auto& entry : hits.entries) rule.goodware += common.erase(keys[entry.key]);
    rule.checks.goodware_samples = goodware->samples().size();
  }
  std::vector<index::SampleMeta> others;
  if (const index::IndexReader* known = base.part(CodeBase::Part::kSamples); known != nullptr) {
    std::set<std::string> own, own_families;
    for (const auto& sample : samples) own.insert(sample->sha256);
    for (const index::SampleMeta& meta : known->samples())
      if (own.count(meta.sha256) > 0 && !meta.family.empty()) own_families.insert(meta.family);
    if (!family.empty()) own_families = {family};
    const auto is_other = [&](const index::SampleMeta& meta) { return own.count(meta.sha256) == 0 && own_families.count(meta.family) == 0; };
    const index::Scope scope = known->MakeScope(is_other);
    TRY_ASSIGN(const std::vector<index::FeatureHit> hits, known->Lookup(keys, &scope));
    for (const index::FeatureHit& hit : hits) rule.elsewhere += common.erase(hit.key);
    std::copy_if(known->samples().begin(), known->samples().end(), std::back_inserter(others), is_other);
  }
  std::vector<Candidate> candidates = Candidates(samples, common);
  DropWhatHits(base, others, limits, candidates, rule);
  std::vector<Candidate> chosen;
  Spread(candidates, kMaxRuleBlocks, [&](const Candidate& candidate) {
    chosen.push_back(candidate);
    return true;
  });
  rule.blocks = chosen.size();
  if (chosen.size() < kMinRuleBlocks) return rule;
  std::sort(chosen.begin(), chosen.end(), [](const Candidate& a, const Candidate& b) { return a.block.at.address < b.block.at.address; });
  rule.text = Print(rule, chosen, samples, family);
  return rule;
}

}  // namespace ascribe
