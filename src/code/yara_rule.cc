#include "code/yara_rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "code/code_facts.h"
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
    if (in.address != at) break;
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

bool Occurs(ByteView bytes, const std::string& pattern) {
  std::vector<int> want;
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'A' + 10; };
  for (std::size_t i = 0; i < pattern.size(); i += 3) want.push_back(pattern[i] == '?' ? -1 : digit(pattern[i]) << 4 | digit(pattern[i + 1]));
  if (want.empty() || want.size() > bytes.size()) return false;
  const std::uint8_t* const data = bytes.data();
  for (std::size_t at = 0; at + want.size() <= bytes.size(); ++at) {
    std::size_t k = 0;
    while (k < want.size() && (want[k] < 0 || want[k] == data[at + k])) ++k;
    if (k == want.size()) return true;
  }
  return false;
}

std::string Identifier(const std::string& label) {
  std::string name = EntityName(label);
  for (char& c : name)
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) c = '_';
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) name = "family_" + name;
  return name.substr(0, 100);
}

}  // namespace

Result<YaraRule> MakeYaraRule(const CodeBase& base, const std::vector<std::unique_ptr<SampleCode>>& samples, const std::string& family) {
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
  }
  if (const index::IndexReader* known = base.part(CodeBase::Part::kSamples); known != nullptr) {
    std::set<std::string> own, own_families;
    for (const auto& sample : samples) own.insert(sample->sha256);
    for (const index::SampleMeta& meta : known->samples())
      if (own.count(meta.sha256) > 0 && !meta.family.empty()) own_families.insert(meta.family);
    if (!family.empty()) own_families = {family};
    const index::Scope others = known->MakeScope([&](const index::SampleMeta& meta) {
      return own.count(meta.sha256) == 0 && own_families.count(meta.family) == 0;
    });
    TRY_ASSIGN(const std::vector<index::FeatureHit> hits, known->Lookup(keys, &others));
    for (const index::FeatureHit& hit : hits) rule.elsewhere += common.erase(hit.key);
  }
  std::vector<std::pair<std::uint64_t, Block>> order(common.begin(), common.end());
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return a.second.at.instructions != b.second.at.instructions ? a.second.at.instructions > b.second.at.instructions
                                                                : a.second.at.address < b.second.at.address;
  });
  const SampleCode& first = *samples.front();
  std::vector<std::pair<std::string, Block>> chosen;
  std::set<std::string> patterns;
  std::map<std::uint64_t, std::size_t> of_function;
  for (const std::size_t per_function : {std::size_t{1}, std::size_t{2}, kMaxRuleBlocks}) {
    for (const auto& [key, block] : order) {
      if (chosen.size() == kMaxRuleBlocks || of_function[block.function] >= per_function) continue;
      const std::string pattern = PatternOf(first, block);
      if (Fixed(pattern) < kRuleBlockBytes || patterns.count(pattern) > 0) continue;
      // The same block may be encoded in another way elsewhere: a string of the rule must be in every sample as bytes.
      if (!std::all_of(samples.begin(), samples.end(), [&](const auto& s) { return Occurs(s->bytes, pattern); })) continue;
      patterns.insert(pattern);
      ++of_function[block.function];
      chosen.emplace_back(pattern, block);
    }
  }
  rule.blocks = chosen.size();
  if (chosen.size() < kMinRuleBlocks) return rule;
  std::sort(chosen.begin(), chosen.end(), [](const auto& a, const auto& b) { return a.second.at.address < b.second.at.address; });
  std::string& out = rule.text;
  out = fmt::format("rule {} {{\n  meta:\n    description = \"basic blocks that these samples share and nothing else known has\"\n", Identifier(family.empty() ? "samples" : family));
  for (std::size_t i = 0; i < samples.size(); ++i) out += fmt::format("    sample{} = \"{}\"\n", i, samples[i]->sha256);
  out += fmt::format("    blocks_in_all = {}\n    blocks_in_goodware = {}\n    blocks_in_other_families = {}\n  strings:\n", rule.in_all, rule.goodware, rule.elsewhere);
  for (std::size_t i = 0; i < chosen.size(); ++i)
    out += fmt::format("    $b{:02} = {{ {} }}  // {:x}, {} instructions, function {:x}\n", i, chosen[i].first, chosen[i].second.at.address,
                       chosen[i].second.at.instructions, chosen[i].second.function);
  const std::string_view magic = first.executable.format == BinaryFormat::kPe    ? "uint16(0) == 0x5A4D and "
                                 : first.executable.format == BinaryFormat::kElf ? "uint32(0) == 0x464C457F and "
                                                                                 : "";
  out += fmt::format("  condition:\n    {}{} of them\n}}\n", magic, std::max(kMinRuleBlocks, (chosen.size() * 3 + 4) / 5));
  return rule;
}

}  // namespace ascribe
