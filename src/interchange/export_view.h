#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "interchange/export_knowledge.h"
#include "model/assessment.h"
#include "model/case.h"

namespace ascribe {

/// A fact that may go out, with its marking: that of the evidence it was read from.
struct SharedFact {
  const Fact* fact = nullptr;
  std::string id;
  Tlp tlp = Tlp::kRed;
  const Evidence* evidence = nullptr;  ///< null: not a file of the case
  const Source* source = nullptr;      ///< null: not declared
};

/// A claim that may go out; its marking is the highest of the evidence it rests on.
struct SharedClaim {
  const Claim* claim = nullptr;
  Tlp tlp = Tlp::kRed;
};

/// What of a case and its assessment may go out under a marking. Everything in it is at or below the limit.
///
/// Facts are those that the assessment could use: known on the as-of date, not withdrawn, checked. The highest marking
/// of the evidence wins: whatever is drawn from all of it (verdict, hypotheses, route) carries `tlp`.
struct ExportView {
  ExportView(const CaseData& d, const Assessment& a, const ExportKnowledge& k) : data(d), assessment(a), knowledge(k) {}
  const CaseData& data;
  const Assessment& assessment;
  const ExportKnowledge& knowledge;
  std::vector<SharedFact> facts;                        ///< in FactLess order
  std::vector<SharedClaim> claims;                      ///< by id
  Tlp tlp = Tlp::kRed;                                  ///< of what is drawn from the whole case
  bool verdict = true;                                  ///< false: the verdict stands above the limit
  bool case_info = true;                                ///< false: title, victim and dates stand above the limit
  std::size_t facts_left_out = 0, claims_left_out = 0;  ///< for their marking
  /// The date of everything that has no date of its own: the as-of date, else the latest day on which something of the
  /// case became known. No clock.
  Time stamp;

  [[nodiscard]] const SharedFact* FindFact(std::string_view id) const;
  /// The highest marking of what is in the view: what a file made of all of it carries.
  [[nodiscard]] Tlp Marking() const;
  [[nodiscard]] bool complete() const { return verdict && case_info && facts_left_out == 0 && claims_left_out == 0; }
  [[nodiscard]] bool empty() const { return !verdict && !case_info && facts.empty(); }

 private:
  friend ExportView MakeExportView(const CaseData&, const Assessment&, const ExportKnowledge&, std::optional<Tlp>);
  std::map<std::string, std::size_t, std::less<>> by_id_;
};

/// Facts that a bundle or an event holds: consumers load them whole, and the largest public ones hold some 50,000
/// objects.
inline constexpr std::size_t kMaxExportedFacts = 100'000;

/// `limit`: the highest marking that may go out; nothing: all of it. The arguments must outlive the view.
[[nodiscard]] ExportView MakeExportView(const CaseData& data, const Assessment& assessment,
                                        const ExportKnowledge& knowledge, std::optional<Tlp> limit);

/// "left out above TLP:GREEN: 12 facts, 3 claims, the verdict", or empty when nothing is.
[[nodiscard]] std::string LeftOutLine(const ExportView& view, Tlp limit);

/// True when the verdict passed the gate "likely": only then an export may name somebody as the one who did it.
[[nodiscard]] bool PassedLikely(const Verdict& verdict);

/// RFC 3339 with milliseconds, as STIX wants it: the start of the stated period.
[[nodiscard]] std::string StixTimestamp(const Time& time);
/// The day on which something counts as known: the last day of the stated period.
[[nodiscard]] Time KnownDay(const Time& time);

}  // namespace ascribe
