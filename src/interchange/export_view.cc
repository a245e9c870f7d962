#include "interchange/export_view.h"

#include <fmt/format.h>

#include <algorithm>

namespace ascribe {
namespace {

Time StartOf(Date day) { return {std::int64_t{day.days} * 86'400, Time::Precision::kDay}; }

bool Usable(const Fact& fact, std::optional<Date> as_of) {
  if (fact.verification == Verification::kUnverified) return false;
  if (as_of && fact.known_on && fact.known_on->LastDay() > *as_of) return false;
  return !fact.retracted_on || (as_of && fact.retracted_on->FirstDay() > *as_of);
}

}  // namespace

const SharedFact* ExportView::FindFact(std::string_view id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &facts[found->second];
}

Tlp ExportView::Marking() const {
  if (verdict) return tlp;
  Tlp highest = case_info ? data.info.tlp : Tlp::kClear;
  for (const SharedFact& fact : facts) highest = std::max(highest, fact.tlp);
  return highest;
}

ExportView MakeExportView(const CaseData& data, const Assessment& assessment, const ExportKnowledge& knowledge,
                          std::optional<Tlp> limit) {
  ExportView view(data, assessment, knowledge);
  const Tlp highest = limit.value_or(Tlp::kRed);
  view.tlp = data.info.tlp;
  std::map<std::string, Tlp> markings;
  std::optional<Date> latest = assessment.as_of;
  for (const Fact& fact : data.facts) {
    if (!Usable(fact, assessment.as_of)) continue;
    SharedFact shared;
    shared.fact = &fact;
    shared.id = fact.Id();
    shared.evidence = data.FindEvidence(fact.evidence);
    shared.source = data.FindSource(fact.source);
    shared.tlp = shared.evidence != nullptr ? shared.evidence->tlp : data.info.tlp;
    view.tlp = std::max(view.tlp, shared.tlp);
    if (!assessment.as_of && fact.known_on) latest = std::max(latest.value_or(Date{}), fact.known_on->LastDay());
    if (!markings.emplace(shared.id, shared.tlp).second) continue;
    if (shared.tlp > highest) {
      ++view.facts_left_out;
      continue;
    }
    view.by_id_.emplace(shared.id, view.facts.size());
    view.facts.push_back(std::move(shared));
  }
  for (const Claim& claim : assessment.claims) {
    Tlp tlp = Tlp::kClear;
    for (const std::string& id : claim.case_facts) {
      const auto found = markings.find(id);
      tlp = std::max(tlp, found == markings.end() ? view.tlp : found->second);
    }
    if (tlp > highest)
      ++view.claims_left_out;
    else
      view.claims.push_back({&claim, tlp});
  }
  view.case_info = data.info.tlp <= highest;
  view.verdict = view.tlp <= highest;
  if (!latest && data.info.detected) latest = data.info.detected->LastDay();
  if (!latest && data.info.incident) latest = data.info.incident->LastDay();
  view.stamp = StartOf(latest.value_or(Date{}));
  return view;
}

std::string LeftOutLine(const ExportView& view, Tlp limit) {
  std::string what;
  const auto add = [&](const std::string& text) { what += (what.empty() ? "" : ", ") + text; };
  const auto count = [](std::size_t n, const char* noun) { return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s"); };
  if (view.facts_left_out > 0) add(count(view.facts_left_out, "fact"));
  if (view.claims_left_out > 0) add(count(view.claims_left_out, "claim"));
  if (!view.case_info) add("title, victim and dates of the case");
  if (!view.verdict)
    add(fmt::format("the verdict and all that is drawn from the whole case (TLP:{})", TlpName(view.tlp)));
  return what.empty() ? what : fmt::format("left out above TLP:{}: {}", TlpName(limit), what);
}

bool PassedLikely(const Verdict& verdict) {
  return !verdict.hypothesis.empty() && (verdict.gate == "likely" || verdict.gate == "very_likely");
}

std::string StixTimestamp(const Time& time) {
  Time exact = time;
  exact.precision = Time::Precision::kSecond;
  std::string text = exact.ToString();
  text.insert(text.size() - 1, ".000");
  return text;
}

Time KnownDay(const Time& time) { return time.precision == Time::Precision::kSecond ? time : StartOf(time.LastDay()); }

}  // namespace ascribe
