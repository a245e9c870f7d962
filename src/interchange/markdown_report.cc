#include "interchange/markdown_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "base/text.h"
#include "report/assessment_json.h"
#include "report/code_text.h"

namespace ascribe {
namespace {

constexpr std::size_t kLongText = 400;

std::string Shown(std::string_view text, std::size_t limit = kLongText) { return MarkdownSafe(Ellipsize(text, limit)); }

std::string Percent(double p) { return p < 0.01 ? "&lt;1 %" : fmt::format("{:.0f} %", std::min(100 * p, 99.0)); }

std::string_view LevelTitle(Level level) {
  switch (level) {
    case Level::kLineage:
      return "Tools from the code base of";
    case Level::kOperator:
      return "Operated by";
    case Level::kSponsor:
      break;
  }
  return "In the service of";
}

// "B2 Publisher: Title"; what a source does not state is not hinted at.
std::string SourceText(const Source& source) {
  std::string out = source.grade.ToString();
  if (!source.publisher.empty()) out += " " + Shown(source.publisher) + (source.title.empty() ? "" : ":");
  return out + (source.title.empty() ? "" : " " + Shown(source.title));
}

// Evidence files, with the source that states the fact, in the order in which they are cited: a file may quote several.
class Footnotes {
 public:
  explicit Footnotes(const CaseData& data) : data_(data) {}
  std::string Cite(const Fact& fact) { return Cite(fact.evidence, fact.source); }
  /// The file as a whole, with its own source.
  std::string Cite(const std::string& sha256) {
    const Evidence* evidence = data_.FindEvidence(sha256);
    return evidence == nullptr ? std::string() : Cite(sha256, evidence->source);
  }
  [[nodiscard]] std::string Text() const {
    std::string out;
    for (std::size_t i = 0; i < order_.size(); ++i) {
      const Evidence* e = data_.FindEvidence(order_[i].first);
      const Source* source = data_.FindSource(order_[i].second);
      out += fmt::format("[^{}]: {}, SHA-256 `{}`, {} bytes, TLP:{}{}\n", i + 1, Shown(e->name), e->sha256, e->size,
                         TlpName(e->tlp), source == nullptr ? std::string() : ", " + SourceText(*source));
    }
    return out;
  }

 private:
  std::string Cite(const std::string& sha256, const std::string& source) {
    if (data_.FindEvidence(sha256) == nullptr) return {};
    const std::pair<std::string, std::string> cited{sha256, source};
    const auto [at, fresh] = numbers_.emplace(cited, order_.size() + 1);
    if (fresh) order_.push_back(cited);
    return fmt::format("[^{}]", at->second);
  }

  const CaseData& data_;
  std::map<std::pair<std::string, std::string>, std::size_t> numbers_;  // SHA-256 of the file, id of the source
  std::vector<std::pair<std::string, std::string>> order_;
};

void AppendRivals(const Assessment& a, std::string& out) {
  for (Level level : {Level::kOperator, Level::kLineage, Level::kSponsor}) {
    out += fmt::format(
        "\n### {}\n\n| hypothesis | id | prior | posterior | without one kind | over the table | nats "
        "|\n|---|---|---|---|---|---|---|\n",
        LevelTitle(level));
    for (const Hypothesis& h : a.At(level).ranked)
      out += fmt::format("| {} | {} | {:.4f} | {} ({:.4f}) | {:.4f} to {:.4f} | {:.4f} to {:.4f} | {:+.2f} |\n",
                         Shown(h.name), Shown(h.id), h.prior, Percent(h.posterior), h.posterior, h.low, h.high,
                         h.table_low, h.table_high, h.nats);
  }
}

void AppendAgainst(const Assessment& a, std::string& out) {
  out += "\n## What speaks against it\n\n";
  for (const std::string& note : a.verdict.gate_notes) out += "* " + Shown(note) + "\n";
  for (const Contradiction& c : a.contradictions)
    out += fmt::format("* {}: {} ({} link{} cancelled)\n", Shown(c.label), Shown(c.text), c.cancelled.size(),
                       c.cancelled.size() == 1 ? "" : "s");
  for (const RetractionEffect& r : a.retractions) {
    out += fmt::format("* Withdrawn on {} by {} (source {}{}): {}\n", r.retracted_on, Shown(r.publisher.empty() ? r.source : r.publisher),
                       Shown(r.source), r.pack.empty() ? "" : ", pack " + Shown(r.pack), Shown(r.text));
    for (const std::string& claim : r.claims) out += fmt::format("  * a link would rest on it: {}\n", Shown(claim));
    for (const std::string& change : r.changes) out += fmt::format("  * {}\n", Shown(change));
  }
  for (const Flip& f : a.flips) {
    if (f.claims.empty() || f.leader_then.empty()) continue;
    std::string ids;
    for (const std::string& id : f.claims) ids += (ids.empty() ? "" : ", ") + id;
    out += fmt::format("* Without {} the leader at {} level is {} ({})\n", ids, LevelName(f.level),
                       Shown(f.leader_then), Percent(f.posterior_then));
  }
  if (out.ends_with("against it\n\n")) out += "Nothing that was found.\n";
}

// What the claim says for whoever it says most for.
const Contribution* Strongest(const Claim& claim) {
  const auto at = std::max_element(claim.contributions.begin(), claim.contributions.end(),
                                   [](const Contribution& x, const Contribution& y) { return x.nats < y.nats; });
  return at == claim.contributions.end() ? nullptr : &*at;
}

void AppendEvidence(const ExportView& view, Footnotes& notes, std::string& out) {
  std::vector<const Claim*> claims;
  for (const SharedClaim& shared : view.claims) claims.push_back(shared.claim);
  const auto weight = [](const Claim* c) {
    const Contribution* best = c->cancelled ? nullptr : Strongest(*c);
    return best == nullptr ? 0.0 : best->nats;
  };
  std::stable_sort(claims.begin(), claims.end(), [&](const Claim* x, const Claim* y) { return weight(x) > weight(y); });
  out +=
      "\n## Evidence\n\nNats: ln likelihood ratio against somebody unknown, before the caps of groups.\n\n| claim | "
      "says | nats | for | facts |\n|---|---|---|---|---|\n";
  for (const Claim* claim : claims) {
    const Contribution* best = Strongest(*claim);
    std::string remark;
    if (claim->cancelled)
      remark = " (cancelled)";
    else if (!claim->weightless_reason.empty())
      remark = " (weighs nothing: " + Shown(claim->weightless_reason) + ")";
    else if (claim->copyable)
      remark = " (could be copied)";
    std::string facts;
    for (const std::string& id : claim->case_facts) {
      const SharedFact* shared = view.FindFact(id);
      facts += fmt::format("{}{}{}", facts.empty() ? "" : ", ", id,
                           shared == nullptr ? std::string() : notes.Cite(*shared->fact));
    }
    out += fmt::format("| {} | {}{} | {} | {} | {} |\n", claim->id, Shown(claim->statement), remark,
                       best == nullptr ? "0" : fmt::format("{:+.2f}", best->nats),
                       best == nullptr || !view.verdict ? std::string() : Shown(best->hypothesis), facts);
  }
  if (claims.empty()) out += "| | nothing that a known attack shares | | | |\n";
}

void AppendCode(const ExportView& view, const std::vector<CodeComparison>& code, Footnotes& notes, std::string& out) {
  if (!view.verdict || code.empty()) return;
  out += "\n## Code side by side\n\n";
  for (const CodeComparison& c : code) {
    const bool goes_out = std::any_of(view.claims.begin(), view.claims.end(), [&](const SharedClaim& shared) { return shared.claim->id == c.claim; });
    if (!goes_out) continue;
    out += fmt::format("* {}: a{}, SHA-256 `{}`, beside b, {}, SHA-256 `{}`{}{}\n", c.claim, notes.Cite(c.sample), c.sample, Shown(c.label), c.other,
                       c.known ? ", known since " + c.known->ToString() : std::string(), c.missing.empty() ? std::string() : ": " + Shown(c.missing));
    for (const FunctionComparison& f : c.functions) {
      out += fmt::format("  * `{:x}` (offset {:#x}) and `{:x}` (offset {:#x}): {}. {}\n", f.a.address, f.a.offset, f.b.address, f.b.offset, Shown(f.shares),
                         f.rows.empty() ? Shown(f.missing) : CodeCounts(f));
    }
    if (c.functions_not_shown > 0) out += fmt::format("  * {} more functions not shown\n", c.functions_not_shown);
  }
}

void AppendFacts(const ExportView& view, Footnotes& notes, std::string& out) {
  out += "\n## Facts\n\n| fact | says | known since | source | place |\n|---|---|---|---|---|\n";
  const std::size_t count = std::min(view.facts.size(), kMaxExportedFacts);
  for (std::size_t i = 0; i < count; ++i) {
    const SharedFact& shared = view.facts[i];
    const Fact& f = *shared.fact;
    out += fmt::format(
        "| {} | {} {} {} | {} | {} | {}{} |\n", shared.id, Shown(Defang(f.subject.ToString())),
        RelationName(f.relation), Shown(Defang(f.object.ToString())), f.known_on ? f.known_on->ToString() : "",
        shared.source == nullptr ? std::string() : shared.source->grade.ToString() + " " + Shown(shared.source->id),
        Shown(f.locator.ToString()), notes.Cite(f));
  }
  if (count < view.facts.size())
    out += fmt::format("\n{} more facts are not listed; facts.csv has them all.\n", view.facts.size() - count);
}

}  // namespace

std::string MarkdownSafe(std::string_view text) {
  const std::string safe = TerminalSafe(text);
  std::string out;
  for (std::size_t i = 0; i < safe.size(); ++i) {
    const char c = safe[i];
    const bool www = c == '.' && i >= 3 &&
                     AsciiLower(std::string_view(safe).substr(i - 3, 3)) == "www";  // GitHub makes a link of it
    if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '&')
      out += "&amp;";
    else if (c == '@')
      out += "\\[@\\]";  // GitHub makes a link of an address, and a mention of a name
    else if (www || std::string_view("\\`*_[]|~$").find(c) != std::string_view::npos ||
             (c == ':' && i + 1 < safe.size() && safe[i + 1] != ' '))
      (out += '\\') += c;
    else
      out += c;
  }
  return out;
}

std::string ExportMarkdown(const ExportView& view, const std::vector<CodeComparison>& code) {
  const Assessment& a = view.assessment;
  Footnotes notes(view.data);
  std::string out = view.case_info ? fmt::format("# {}\n\n", Shown(a.info.title.empty() ? a.info.id : a.info.title))
                                   : std::string("# Case withheld\n\n");
  if (view.case_info) out += fmt::format("Case {}, ", Shown(a.info.id));
  out += fmt::format("TLP:{}, engine {}, as of {}.\n", TlpName(view.Marking()), kEngineVersion,
                     a.as_of ? a.as_of->ToString() : "everything known");
  if (view.verdict) {
    out += fmt::format("\n## Verdict\n\n{}\n\n{}\n\nGate: {}, at {} level.\n\n## Rivals\n",
                       Shown(a.verdict.sentence, 2000), Shown(a.verdict.confidence_sentence, 2000),
                       MarkdownSafe(a.verdict.gate), LevelName(a.verdict.level));
    AppendRivals(a, out);
    AppendAgainst(a, out);
    out += "\n## Where the trail ends\n\n" + Shown(a.route.end_of_trail, 1000) + "\n";
  }
  AppendEvidence(view, notes, out);
  AppendCode(view, code, notes, out);
  AppendFacts(view, notes, out);
  if (view.verdict) {
    out += fmt::format(
        "\n## Compared with\n\n{} earlier attacks of {} actors; parameters {} (`{}`).\n\n| knowledge | version | "
        "digest |\n|---|---|---|\n",
        a.attacks_compared, a.actors_compared, Shown(a.parameters_version), a.parameters_sha256);
    for (const Assessment::Pack& pack : a.packs)
      out += fmt::format("| {} | {} | `{}` |\n", Shown(pack.id), Shown(pack.version), MarkdownSafe(pack.digest));
  }
  return out + "\n" + notes.Text();
}

}  // namespace ascribe
