#include "app/case_code.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "code/code_facts.h"
#include "code/linked_code.h"

namespace ascribe {

void ShowFilesOfCase(Intake& intake) {
  for (CodeComparison& c : intake.code) {
    const Evidence* other = c.missing.empty() ? nullptr : intake.data.FindEvidence(c.other);
    if (other == nullptr) continue;
    auto a_bytes = BytesOfEvidence(intake, c.sample), b_bytes = BytesOfEvidence(intake, c.other);
    if (!a_bytes || !b_bytes) continue;
    const auto a = ParseExecutable(*a_bytes);
    const auto b = ReadSampleCode(std::move(*b_bytes));
    if (!a || !b || !(*b)->unavailable.empty()) continue;
    const Program& program = (*b)->program;
    ShowCode(*a, (*b)->executable, [&](std::uint64_t address) -> std::uint64_t {
      const std::size_t at = program.Find(address);
      return at == Program::npos ? 0 : program.functions[at].end - address;
    }, c);
    c.in_case = true;
    if (other->known_on) c.known = other->known_on->LastDay();
  }
}

std::vector<CodeComparison> ShownCode(std::vector<CodeComparison> all, const CaseData& data, const Assessment& assessment) {
  std::map<std::pair<std::string, std::string>, std::string> facts;  // sample and family -> fact
  for (const Fact& fact : data.facts)
    if (fact.extractor == kCodeMatchExtractor) facts.emplace(std::pair(fact.evidence, fact.object.ToString()), fact.Id());
  std::map<std::string, std::string> claims;  // fact -> the first claim that rests on it
  for (const Claim& claim : assessment.claims)
    for (const std::string& id : claim.case_facts) claims.emplace(id, claim.id);
  std::vector<CodeComparison> shown;
  for (CodeComparison& c : all) {
    if (assessment.as_of && c.known && *c.known > *assessment.as_of) continue;
    const auto fact = facts.find({c.sample, c.family});
    const auto claim = fact == facts.end() ? claims.end() : claims.find(fact->second);
    if (claim == claims.end()) continue;
    c.fact = fact->second;
    c.claim = claim->second;
    shown.push_back(std::move(c));
  }
  std::sort(shown.begin(), shown.end(), [](const CodeComparison& x, const CodeComparison& y) {
    return std::tie(x.claim, x.fact, x.other) < std::tie(y.claim, y.fact, y.other);
  });
  std::size_t rows = 0;
  for (CodeComparison& c : shown) {
    std::size_t here = 0;
    for (const FunctionComparison& f : c.functions) here += f.rows.size();
    if (rows + here <= kShownRowsOfCase) {
      rows += here;
      continue;
    }
    for (FunctionComparison& f : c.functions) f.rows.clear();
    c.missing = fmt::format("the links before it show {} lines already; ascribe compare shows this one", kShownRowsOfCase);
  }
  return shown;
}

std::vector<std::string> CheckCode(const std::vector<CodeComparison>& code, const BytesOf& bytes_of, const CodeBase& base, std::size_t& unread) {
  std::vector<std::string> wrong;
  for (const CodeComparison& stored : code) {
    if (!stored.missing.empty()) continue;
    const Result<Bytes> a_bytes = bytes_of(stored.sample);
    const Result<Bytes> b_bytes = stored.in_case ? bytes_of(stored.other) : Result<Bytes>(Bytes{});
    const Result<KeptCode> kept = stored.in_case ? Result<KeptCode>(KeptCode{}) : base.Kept(stored.other);
    const Result<Executable> a = a_bytes ? ParseExecutable(*a_bytes) : tl::unexpected(a_bytes.error());
    const Result<Executable> b = !b_bytes ? tl::unexpected(b_bytes.error()) : stored.in_case ? ParseExecutable(*b_bytes) : !kept ? tl::unexpected(kept.error()) : Result<Executable>(kept->View());
    if (!a || !b) {
      ++unread;
      continue;
    }
    CodeComparison again = stored;
    ShowCode(*a, *b, [&](std::uint64_t address) -> std::uint64_t {
      if (!stored.in_case) return kept->SizeAt(address);
      for (const FunctionComparison& f : stored.functions)
        if (f.b.address == address) return f.b.size;
      return 0;
    }, again);
    if (!(again == stored))
      wrong.push_back(fmt::format("the code of {} beside {} is not what their bytes say", stored.sample.substr(0, 16), stored.other.substr(0, 16)));
  }
  return wrong;
}

}  // namespace ascribe
