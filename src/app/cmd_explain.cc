#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "app/commands.h"
#include "app/excerpt.h"
#include "app/exit_codes.h"
#include "app/investigation.h"
#include "base/io.h"
#include "base/text.h"
#include "ingest/reader.h"
#include "report/ach_text.h"
#include "report/code_text.h"
#include "report/response_text.h"

namespace ascribe {
namespace {

std::string Safe(std::string_view text, std::size_t limit = 300) { return TerminalSafe(Ellipsize(text, limit)); }

std::string SourceLine(const Source* source) {
  if (source == nullptr) return "source not declared";
  return fmt::format("{} {} \"{}\" {}{}", source->grade.ToString(), Safe(source->publisher), Safe(source->title), Safe(Defang(source->url)),
                     source->inspectable ? "" : " (asserted, not inspectable)");
}

std::string FactHead(const Fact& fact, std::string_view id) {
  return fmt::format("{}  {} {} {}\n", id, Safe(fact.subject.ToString()), RelationName(fact.relation), Safe(Defang(fact.object.ToString())));
}

std::string FactDates(const Fact& fact) {
  std::string out = fmt::format("    known since {}, {}", fact.known_on ? fact.known_on->ToString() : "unknown", VerificationName(fact.verification));
  if (fact.valid_from) out += fmt::format(", holds from {}", fact.valid_from->ToString());
  if (fact.retracted_on) out += fmt::format(", WITHDRAWN on {}", fact.retracted_on->ToString());
  out += "\n";
  if (!fact.note.empty()) out += "    note: " + Safe(fact.note) + "\n";
  return out;
}

// Fact of the case: down to the bytes, which are read again and hashed again.
std::string ExplainCaseFact(const Investigation& run, const Fact& fact) {
  std::string out = FactHead(fact, fact.Id()) + FactDates(fact);
  out += "    source: " + SourceLine(run.intake.data.FindSource(fact.source)) + "\n";
  const Evidence* evidence = run.intake.data.FindEvidence(fact.evidence);
  out += fmt::format("    from: {} at {}, by {}\n", evidence != nullptr ? Safe(evidence->name) : "?", Safe(fact.locator.ToString()), fact.extractor);
  if (const auto bytes = BytesOfEvidence(run.intake, fact.evidence)) out += "    bytes: " + ExcerptAt(*bytes, fact.locator) + "\n";
  out += fmt::format("    sha256: {}\n", fact.evidence);
  // Down to the file of the case: member, archive, archive around it.
  for (std::size_t step = 0; evidence != nullptr && !evidence->parent.empty() && step < run.intake.data.evidence.size(); ++step) {
    out += fmt::format("    in sha256: {}\n", evidence->parent);
    evidence = run.intake.data.FindEvidence(evidence->parent);
  }
  return out;
}

std::string ExplainKnownFact(const Investigation& run, const KnownFact& known) {
  const auto file = run.kb.files.find(known.fact.evidence);
  std::string out = FactHead(known.fact, known.id) + FactDates(known.fact);
  out += "    source: " + SourceLine(known.source) + "\n";
  out += fmt::format("    from: pack {} file {} at {}\n", Safe(known.pack), file == run.kb.files.end() ? "(import)" : Safe(file->second),
                     Safe(known.fact.locator.ToString()));
  if (!known.fact.evidence.empty()) out += fmt::format("    sha256: {}\n", known.fact.evidence);
  return out;
}

std::string ExplainFact(const Investigation& run, const std::string& id) {
  for (const Fact& fact : run.intake.data.facts)
    if (fact.Id() == id) return ExplainCaseFact(run, fact);
  if (const KnownFact* known = run.knowledge->FindFact(id); known != nullptr) return ExplainKnownFact(run, *known);
  return id + "  (not found)\n";
}

std::string ExplainClaim(const Investigation& run, const Claim& claim) {
  std::string out = fmt::format("CLAIM {}  {}\n", claim.id, Safe(claim.statement, 500));
  const LinkKind* kind = run.kb.parameters.KindById(claim.kind);
  out += fmt::format("  rule {} by {}; group {}; forgeability {} of 5; held by {} known actor{}\n", claim.kind, claim.step, GroupName(claim.group),
                     claim.forge, claim.holders, claim.holders == 1 ? "" : "s");
  if (kind != nullptr) out += fmt::format("  table weight {:.2f} nats: {}\n", kind->nats, kind->basis);
  if (!claim.measure.empty()) out += fmt::format("  similarity {:.3f} by {}\n", claim.similarity, claim.measure);
  out += fmt::format("  chance that the case side is as stated {:.3f}, from {} independent origin{}\n", claim.reliability, claim.origins.size(),
                     claim.origins.size() == 1 ? "" : "s");
  if (claim.public_since) out += "  public since " + claim.public_since->ToString() + "\n";
  if (claim.copyable) out += "  could be copied: " + claim.copyable_reason + "\n";
  if (!claim.weightless_reason.empty()) out += "  weighs nothing: " + Safe(claim.weightless_reason) + "\n";
  if (claim.cancelled) out += "  CANCELLED by " + claim.cancelled_by + "\n";
  for (const Contribution& c : claim.contributions)
    out += fmt::format("  {:>8} {:<40} {:+.3f} nats (x{:.2f}) [{:+.2f} {:+.2f}]\n", LevelName(c.level), Safe(c.hypothesis), c.nats, std::exp(c.nats), c.low, c.high);
  out += "THE CASE\n";
  for (const std::string& id : claim.case_facts) out += ExplainFact(run, id);
  if (!claim.knowledge_facts.empty()) out += "WHAT WAS KNOWN\n";
  for (const std::string& id : claim.knowledge_facts) out += ExplainFact(run, id);
  for (const CodeComparison& comparison : run.code)
    if (comparison.claim == claim.id) out += CodeToText(comparison);
  return out;
}

std::string ExplainHypothesis(const Investigation& run, const std::string& id) {
  std::string out;
  for (const LevelResult& level : run.assessment.levels) {
    for (const Hypothesis& h : level.ranked) {
      if (h.id != id && h.name != id) continue;
      out += fmt::format("HYPOTHESIS {} ({}) at {} level\n  prior {:.4f}, evidence {:+.3f} nats, posterior {:.4f} [{:.4f} {:.4f} without one group] ({:.4f} {:.4f} over the table's intervals)\n", Safe(h.id), Safe(h.name),
                         LevelName(level.level), h.prior, h.nats, h.posterior, h.low, h.high, h.table_low, h.table_high);
      for (const auto& [group, nats] : h.groups) out += fmt::format("  group {:<15} {:+.3f} nats after its cap\n", GroupName(group), nats);
      for (const Claim& claim : run.assessment.claims) {
        const double nats = claim.NatsFor(level.level, h.id);
        if (nats != 0) out += fmt::format("    {} {:+.3f} {}\n", claim.id, nats, Safe(claim.statement, 140));
      }
    }
  }
  if (const KnownActor* actor = run.knowledge->FindActor(id); actor != nullptr && !out.empty()) {
    out += "NAMES (claims of their sources, never keys)\n";
    for (const KnownFact* name : actor->names)
      out += fmt::format("  {}  {} since {}  {}\n", name->id, Safe(name->fact.object.value), name->fact.known_on->ToString(), SourceLine(name->source));
    for (const Judgement& j : actor->sponsors) {
      out += fmt::format("SPONSOR {} with {:.2f}, imported judgement\n", Safe(j.to), j.p);
      for (const std::string& fact : j.facts) out += ExplainFact(run, fact);
    }
  }
  return out;
}

std::string ExplainEvidence(const Investigation& run, const std::string& id) {
  std::string out;
  for (const Evidence& e : run.intake.data.evidence) {
    if (id.size() < 8 || !e.sha256.starts_with(id)) continue;
    std::size_t facts = 0;
    for (const Fact& fact : run.intake.data.facts) facts += fact.evidence == e.sha256;
    out += fmt::format("EVIDENCE {}\n  {} ({} bytes, {}), TLP:{}, read by {}, {} facts\n  source: {}\n", e.sha256, Safe(e.name), e.size, e.media, TlpName(e.tlp),
                       e.reader.empty() ? "nobody" : e.reader, facts, SourceLine(run.intake.data.FindSource(e.source)));
    if (!e.parent.empty()) out += fmt::format("  lies in sha256 {}\n", e.parent);
    for (const Diagnostic& d : run.intake.data.diagnostics)
      if (d.evidence == e.sha256) out += fmt::format("  note {}: {} ({})\n", d.code, Safe(d.text), Safe(d.locator.ToString()));
  }
  return out;
}

}  // namespace

int CmdExplain(const CommandLine& line) {
  InvestigateOptions options;
  options.kb = line.kb;
  options.threads = line.threads;
  options.sensitivity = false;
  if (!line.as_of.empty()) {
    options.as_of = ParseAsOf(line.as_of);
    if (!options.as_of) return Report({ErrorCode::kInvalidInput, "--as-of: write YYYY-MM-DD"}), kExitUsage;
  }
  const auto run = Investigate(line.paths[0], options);
  if (!run) return Report(run.error());
  const std::string& id = line.paths[1];
  std::string out;
  if (const Claim* claim = run->assessment.FindClaim(id); claim != nullptr) out = ExplainClaim(*run, *claim);
  if (out.empty() && id.starts_with("f-")) out = ExplainFact(*run, id);
  if (out.ends_with("(not found)\n")) out.clear();
  if (out.empty() && id == "verdict") {
    const Verdict& v = run->assessment.verdict;
    out = fmt::format("VERDICT at {} level, gate {}\n  {}\n  {}\n", LevelName(v.level), v.gate, Safe(v.sentence), Safe(v.confidence_sentence));
    for (const std::string& note : v.gate_notes) out += "  " + Safe(note) + "\n";
    if (!v.hypothesis.empty()) out += ExplainHypothesis(*run, v.hypothesis);
  }
  if (out.empty() && id == "ach") out = AchToText(run->assessment);
  if (out.empty() && id == "response") out = ResponseToText(PlanCase(run->intake.data, run->kb, *run->knowledge, run->assessment));
  if (out.empty()) out = ExplainHypothesis(*run, id);
  if (out.empty()) out = ExplainEvidence(*run, id);
  if (out.empty())
    return Report({ErrorCode::kNotFound, fmt::format("{} names no claim (c-…), fact (f-…), hypothesis, evidence, \"verdict\", \"ach\" or \"response\" of this case; assessment.json lists them", id)});
  return Print(out) ? kExitDone : kExitFailure;
}

}  // namespace ascribe
