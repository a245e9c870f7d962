#include "store/visible.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "base/stable_sum.h"
#include "base/text.h"
#include "store/known_after.h"

namespace ascribe {
namespace {

// Scheme and host without case, no trailing slash or fragment: how two entries show that they are one document.
std::string DocumentKey(const Source& source) {
  if (source.url.empty()) return {};
  std::string url = source.url.substr(0, source.url.find('#'));
  while (!url.empty() && url.back() == '/') url.pop_back();
  const std::size_t host_end = url.find('/', url.find("://") == std::string::npos ? 0 : url.find("://") + 3);
  return AsciiLower(std::string_view(url).substr(0, host_end)) +
         (host_end == std::string::npos ? "" : url.substr(host_end));
}

// The first entry (by id) for the same document: listing a report three times does not make three origins.
std::string SameDocument(const Source& source, const CaseData& data) {
  const std::string key = DocumentKey(source);
  if (key.empty()) return source.id;
  for (const Source& other : data.sources)
    if (other.derived_from.empty() && (other.origin.empty() || other.origin == other.id) && DocumentKey(other) == key)
      return other.id;
  return source.id;
}

// Follows derived_from to the first document that said it: copies of one report are one origin.
std::string OriginOf(const Fact& fact, const CaseData& data) {
  if (!fact.origin.empty()) return fact.origin;
  std::string id = fact.source;
  for (int hops = 0; hops < 8; ++hops) {  // the bound stops circles
    const Source* source = data.FindSource(id);
    if (source == nullptr) return id;
    if (!source->origin.empty() && source->origin != source->id) return source->origin;
    if (source->derived_from.empty()) return SameDocument(*source, data);
    id = source->derived_from;
  }
  return id;
}

// What a government states and what a newspaper makes of it are two kinds of statement, even of one origin.
std::string Statement(const Fact& fact, const std::string& origin) {
  return fact.subject.ToString() + '\n' + std::string(RelationName(fact.relation)) + '\n' + fact.object.ToString() +
         '\n' + std::string(StatementKindName(fact.statement)) + '\n' + origin;
}

// The chance that the fact is as stated; nothing when it is unverified or its source is not judged.
std::optional<double> ChanceOf(const Fact& fact, const CaseData& data, const Parameters& parameters,
                               const Scenario* scenario) {
  const Source* source = data.FindSource(fact.source);
  std::optional<double> q = source == nullptr ? std::nullopt : parameters.Reliability(source->grade);
  if (source != nullptr && scenario != nullptr)
    if (const auto trust = scenario->trust.find(fact.source); trust != scenario->trust.end()) q = trust->second;
  if (fact.verification == Verification::kUnverified || !q) return std::nullopt;
  return !fact.inspectable || !source->inspectable ? *q * parameters.asserted : *q;
}

}  // namespace

std::vector<FactText> TextsOf(const CaseData& data) {
  std::vector<const Fact*> ordered;
  ordered.reserve(data.facts.size());
  for (const Fact& fact : data.facts) ordered.push_back(&fact);
  // The order of the facts must not matter, and a fact that is there twice is there once.
  std::sort(ordered.begin(), ordered.end(), [](const Fact* a, const Fact* b) { return FactLess(*a, *b); });
  ordered.erase(std::unique(ordered.begin(), ordered.end(), [](const Fact* a, const Fact* b) { return *a == *b; }),
                ordered.end());
  std::vector<FactText> texts;
  texts.reserve(ordered.size());
  std::unordered_map<std::string, std::size_t> statements;
  for (const Fact* fact : ordered) {
    std::string origin = OriginOf(*fact, data);
    const std::size_t first = statements.emplace(Statement(*fact, origin), texts.size()).first->second;
    texts.push_back({fact, fact->Id(), std::move(origin), first});
  }
  return texts;
}

std::optional<VisibleFact> See(const Fact& fact, const CaseData& data, const Parameters& parameters,
                               const Scenario* scenario) {
  const std::optional<double> q = ChanceOf(fact, data, parameters, scenario);
  if (!q) return std::nullopt;
  return VisibleFact{&fact, fact.Id(), OriginOf(fact, data), *q};
}

VisibleCase SeeCase(const CaseData& data, std::optional<Date> as_of, const Parameters& parameters,
                    const Scenario* scenario, const std::vector<FactText>* texts) {
  std::vector<FactText> own;
  if (texts == nullptr) texts = &(own = TextsOf(data));
  VisibleCase seen;
  seen.data = &data;
  seen.scenario = scenario;
  seen.as_of = as_of;
  if (data.info.incident) seen.incident = data.info.incident->FirstDay();
  constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::vector<std::size_t> at(texts->size(), kNone);  // statement -> index in seen.facts
  for (const FactText& text : *texts) {
    const Fact& fact = *text.fact;
    if (scenario != nullptr && (scenario->sources.count(fact.source) > 0 || scenario->facts.count(text.id) > 0)) {
      seen.left_out.push_back(&fact);
      continue;
    }
    if (KnownAfter(fact, as_of)) {
      seen.later.push_back(&fact);
      continue;
    }
    if (fact.retracted_on && (!as_of || fact.retracted_on->FirstDay() <= *as_of)) {
      seen.retracted.push_back(&fact);
      continue;
    }
    const std::optional<double> q = ChanceOf(fact, data, parameters, scenario);
    if (!q) {
      seen.unverified.push_back(&fact);
      continue;
    }
    if (std::size_t& index = at[text.statement]; index == kNone) {
      index = seen.facts.size();
      seen.facts.push_back({&fact, text.id, text.origin, *q});
    } else if (VisibleFact& kept = seen.facts[index]; *q > kept.q) {
      kept = {&fact, text.id, text.origin,
              *q};  // of several copies the best grade speaks, not the one that happens to sort first
    }
  }
  std::sort(seen.facts.begin(), seen.facts.end(),
            [](const VisibleFact& a, const VisibleFact& b) { return FactLess(*a.fact, *b.fact); });
  return seen;
}

double Corroborate(const std::map<std::string, double>& q_by_origin, const Parameters& parameters) {
  std::vector<double> q;
  for (const auto& [origin, value] : q_by_origin) q.push_back(value);
  std::sort(q.begin(), q.end());  // the product must not depend on the spelling of origins
  double doubt = 1;
  for (double value : q) doubt *= 1 - value;
  return std::min(1 - doubt, parameters.corroborated_cap);
}

}  // namespace ascribe
