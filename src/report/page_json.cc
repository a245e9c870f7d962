#include "report/page_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "base/text.h"
#include "model/fit.h"
#include "report/argument_graph.h"
#include "report/assessment_json.h"
#include "report/fact_lists.h"
#include "report/page_response.h"

namespace ascribe {
namespace {

using Json = nlohmann::ordered_json;

// Strings of evidence may be as long as a file; the page shows the beginning and says how much there is.
constexpr std::size_t kMaxShown = 2000;

std::string Shown(std::string_view text) {
  if (text.size() <= kMaxShown) return SanitizeUtf8(text);
  return fmt::format("{} [{} bytes in all]", SanitizeUtf8(Ellipsize(text, kMaxShown)), text.size());
}

// Keys without a value are left out: there are tens of thousands of facts.
void Put(Json& into, const char* key, const std::string& text) {
  if (!text.empty()) into[key] = Shown(text);
}
void Put(Json& into, const char* key, const std::optional<Time>& time) {
  if (time) into[key] = time->ToString();
}

// Four decimals are what the page prints.
double Short(double value) { return std::round(value * 1e4) / 1e4 + 0.0; }

// Six are what assessment.json prints.
double Micro(double value) { return std::round(value * 1e6) / 1e6 + 0.0; }

double Weight(const Claim& claim) {
  double most = 0;
  for (const Contribution& c : claim.contributions) most = std::max(most, std::abs(c.nats));
  return most;
}

// Sources by first use; facts name them by place.
class Sources {
 public:
  int Place(const Source* source, const std::string& pack) {
    if (source == nullptr) return -1;
    const auto [at, added] = places_.emplace(pack + '\n' + source->id, static_cast<int>(list_.size()));
    if (added) {
      Json s = {{"id", Shown(source->id)}, {"grade", source->grade.ToString()}};
      if (!source->inspectable) s["asserted"] = true;
      Put(s, "title", source->title);
      Put(s, "publisher", source->publisher);
      Put(s, "url", Defang(source->url));
      Put(s, "published", source->published);
      Put(s, "origin", source->origin);
      Put(s, "derived_from", source->derived_from);
      Put(s, "pack", pack);
      list_.push_back(std::move(s));
    }
    return at->second;
  }
  Json Take() { return std::move(list_); }

 private:
  std::map<std::string, int> places_;
  Json list_ = Json::array();
};

// Texts that many facts share, each written once.
class Words {
 public:
  std::size_t Place(std::string word) {
    const auto [at, added] = places_.emplace(std::move(word), places_.size());
    if (added) list_.push_back(at->first);
    return at->second;
  }
  Json Take() { return std::move(list_); }

 private:
  std::map<std::string, std::size_t> places_;
  Json list_ = Json::array();
};

struct Facts {
  Json rows = Json::array(), files = Json::array(), words, sources;
  std::size_t left_out = 0;
};

// A fact as a row of docs/formats/page.md: there are tens of thousands, and names of members would be a quarter of the page.
class FactRows {
 public:
  explicit FactRows(const PageInput& input) : input_(input) {
    for (std::size_t i = 0; i < input.data.evidence.size(); ++i) evidence_.emplace(input.data.evidence[i].sha256, i);
  }

  void AddOwn(const Fact& fact, const std::string& id) {
    const auto place = evidence_.find(fact.evidence);
    constexpr std::size_t kExcerpt = 180;
    Add(fact, id, sources_.Place(input_.data.FindSource(fact.source), {}), place == evidence_.end() ? Json(nullptr) : Json(place->second), kExcerpt);
  }
  void AddKnown(const KnownFact& known) {
    const auto file = input_.pack_files.find(known.fact.evidence);
    const std::string name = file == input_.pack_files.end() ? std::string("(import)") : file->second;
    const auto [at, added] = files_.emplace(known.pack + '\n' + name, facts_.files.size());
    if (added) facts_.files.push_back({{"name", Shown(name)}, {"sha256", known.fact.evidence}, {"pack", known.pack}});
    constexpr std::size_t kExcerpt = 80;  // a line of a pack says little more than the fact itself
    Add(known.fact, known.id, sources_.Place(known.source, known.pack), -1 - static_cast<int>(at->second), kExcerpt);
  }
  [[nodiscard]] std::size_t size() const { return facts_.rows.size(); }
  Facts Take(std::size_t left_out) {
    facts_.left_out = left_out;
    facts_.words = words_.Take();
    facts_.sources = sources_.Take();
    return std::move(facts_);
  }

 private:
  void Add(const Fact& fact, const std::string& id, int source, const Json& file, std::size_t excerpt_limit) {
    const auto excerpt = input_.excerpts.find(id);
    Json row = Json::array({id, words_.Place(Shown(fact.subject.ToString())), words_.Place(std::string(RelationName(fact.relation))),
                            Shown(Defang(fact.object.ToString())), source, file, fact.locator.ToString(), words_.Place(fact.extractor),
                            words_.Place(std::string(VerificationName(fact.verification))),
                            fact.known_on ? Json(fact.known_on->ToString()) : Json(nullptr),
                            excerpt == input_.excerpts.end() ? Json(nullptr) : Json(SanitizeUtf8(Ellipsize(excerpt->second, excerpt_limit)))});
    Json more = Json::object();
    Put(more, "from", fact.valid_from);
    Put(more, "to", fact.valid_to);
    Put(more, "retracted_on", fact.retracted_on);
    Put(more, "note", fact.note);
    if (!more.empty()) row.push_back(std::move(more));
    facts_.rows.push_back(std::move(row));
  }

  const PageInput& input_;
  std::unordered_map<std::string_view, std::size_t> evidence_;
  std::map<std::string, std::size_t> files_;
  Words words_;
  Sources sources_;
  Facts facts_;
};

// Those that something rests on first.
Facts FactsOf(const PageInput& input) {
  FactRows rows(input);
  const std::vector<std::string> cited = CitedFacts(input.assessment, kMaxPageFacts);
  const std::unordered_set<std::string_view> wanted(cited.begin(), cited.end());
  std::vector<std::pair<const Fact*, std::string>> rest;
  for (const Fact& fact : input.data.facts) {
    std::string id = fact.Id();
    if (wanted.count(id) > 0) rows.AddOwn(fact, id);
    else rest.emplace_back(&fact, std::move(id));
  }
  for (const std::string& id : cited)
    if (const KnownFact* known = input.knowledge.FindFact(id); known != nullptr) rows.AddKnown(*known);
  std::size_t left_out = 0;
  for (const auto& [fact, id] : rest) {
    if (rows.size() >= kMaxPageFacts) ++left_out;
    else rows.AddOwn(*fact, id);
  }
  return rows.Take(left_out);
}

// Hundreds of runs with the same names of members, so rows again: kind, id, label (null: what the claim states), changes
// the leader, effect, and per level the leader then (null: today's), its posterior, and that of today's leader.
Json SensitivityRows(const Assessment& a) {
  Json rows = Json::array();
  for (const SensitivityRun& run : a.sensitivity) {
    if (Short(run.effect) == 0 && !run.changes_leader) continue;
    const Claim* claim = run.kind == "claim" ? a.FindClaim(run.id) : nullptr;
    const bool same = claim != nullptr && claim->statement == run.label;
    Json levels = Json::array();
    for (const SensitivityRun::Outcome& o : run.outcomes) {
      const bool stays = o.leader == a.At(o.level).ranked.front().id;
      levels.push_back(Json::array({stays ? Json(nullptr) : Json(o.leader), Short(o.leader_posterior), Short(o.posterior)}));
    }
    rows.push_back(Json::array({run.kind, run.id, same ? Json(nullptr) : Json(Shown(run.label)), run.changes_leader ? 1 : 0, Short(run.effect), levels}));
  }
  return rows;
}

Json EvidenceJson(const PageInput& input) {
  std::unordered_map<std::string_view, std::size_t> facts, notes;
  for (const Fact& fact : input.data.facts) ++facts[fact.evidence];
  for (const Diagnostic& d : input.data.diagnostics) ++notes[d.evidence];
  Json list = Json::array();
  for (const Evidence& e : input.data.evidence) {
    Json item = {{"sha256", e.sha256}, {"name", Shown(e.name)},  {"size", e.size},          {"media", e.media},
                 {"tlp", TlpName(e.tlp)}, {"facts", facts[e.sha256]}, {"notes", notes[e.sha256]}};
    Put(item, "reader", e.reader);
    Put(item, "parent", e.parent);
    Put(item, "acquired", e.acquired_at);
    Put(item, "source", e.source);
    if (const Source* source = input.data.FindSource(e.source)) item["grade"] = source->grade.ToString();
    list.push_back(std::move(item));
  }
  return list;
}

// Full precision: the page must reach the engine's posteriors, not their print.
Json ModelJson(const Assessment& a) {
  const OpenModel& m = a.model;
  const auto candidates = [](const std::vector<OpenModel::Candidate>& list) {
    Json out = Json::array();
    for (const OpenModel::Candidate& c : list)
      out.push_back({{"id", c.id}, {"name", Shown(c.name)}, {"kind", HypothesisKindName(c.kind)}, {"weight", c.weight}});
    return out;
  };
  Json sponsors = Json::object(), caps = Json::object(), weights = Json::object(), claims = Json::object();
  for (const auto& [actor, states] : m.sponsors) sponsors[actor] = states;
  for (const auto& [group, cap] : m.caps) caps[std::string(GroupName(group))] = cap;
  for (const auto& [group, weight] : m.weights) weights[std::string(GroupName(group))] = weight;
  for (const Claim& claim : a.claims) {
    Json parts = Json::array();
    for (const Contribution& c : claim.contributions) parts.push_back({LevelName(c.level), c.hypothesis, c.nats, Micro(c.low), Micro(c.high)});
    if (!parts.empty()) claims[claim.id] = std::move(parts);
  }
  return {{"lineage", candidates(m.lineages)},
          {"operator", candidates(m.operators)},
          {"sponsors", sponsors},
          {"deception", m.deception},
          {"unknown_prior", m.unknown_prior},
          {"known_max", m.known_max},
          {"unknown_sponsor", m.unknown_sponsor},
          {"false_flag_odds", m.false_flag_odds},
          {"posterior_cap", m.posterior_cap},
          {"group_headroom", m.group_headroom},
          {"origin_headroom", m.origin_headroom},
          {"shared_tools_cap", m.shared_tools_cap},
          {"shared_tool_holders", m.shared_tool_holders},
          {"caps", caps},
          {"weights", weights},
          {"claims", claims}};
}

Json ScenariosJson(const std::vector<Assessment>& scenarios) {
  Json out = Json::array();
  for (const Assessment& s : scenarios) {
    Json levels = Json::object();
    for (const LevelResult& level : s.levels) {
      Json ranked = Json::array();
      for (const Hypothesis& h : level.ranked) ranked.push_back(Json::array({h.id, h.posterior}));
      levels[std::string(LevelName(level.level))] = {{"name", Shown(level.ranked.front().name)}, {"ranked", ranked}};
    }
    out.push_back({{"name", s.scenario.name}, {"differences", s.scenario.Differences()}, {"levels", levels}, {"verdict", s.verdict.sentence}});
  }
  return out;
}

// The leading operator's earlier attacks and those that a claim names, by beginning; days on which what the case rests on
// became public; and the hours of the week at which the case saw something happen.
Json TimelineJson(const PageInput& input) {
  constexpr std::size_t kMaxAttacks = 200;
  std::map<std::string, std::vector<std::string>> links;  // attack -> claims that rest on it
  for (const Claim& claim : input.assessment.claims) {
    if (Weight(claim) == 0) continue;
    std::set<std::string> here;
    for (const std::string& id : claim.knowledge_facts)
      if (const KnownFact* known = input.knowledge.FindFact(id); known != nullptr && known->fact.subject.type == EntityType::kAttack)
        here.insert(known->fact.subject.ToString());
    for (const std::string& attack : here) links[attack].push_back(claim.id);
  }
  std::vector<const KnownAttack*> attacks;
  for (const KnownAttack& attack : input.knowledge.attacks())
    if (attack.begin) attacks.push_back(&attack);
  std::sort(attacks.begin(), attacks.end(), [&](const KnownAttack* a, const KnownAttack* b) {
    const std::size_t x = links[a->id].size(), y = links[b->id].size();
    if (x != y) return x > y;
    return std::pair(a->begin->days, a->id) < std::pair(b->begin->days, b->id);
  });
  const std::size_t left_out = attacks.size() > kMaxAttacks ? attacks.size() - kMaxAttacks : 0;
  attacks.resize(attacks.size() - left_out);
  Json list = Json::array();
  for (const KnownAttack* attack : attacks) {
    Json actors = Json::array();
    for (const Judgement& j : attack->actors) actors.push_back({{"id", j.to}, {"name", Shown(input.knowledge.NameOf(j.to))}, {"p", j.p}});
    list.push_back({{"id", attack->id},
                    {"name", Shown(input.knowledge.NameOf(attack->id))},
                    {"begin", attack->begin->ToString()},
                    {"actors", actors},
                    {"claims", links[attack->id]}});
  }
  std::map<std::string, std::size_t> published;
  std::vector<std::size_t> hours(7 * 24, 0);
  std::size_t timed = 0;
  for (const Fact& fact : input.data.facts) {
    if (fact.known_on && fact.known_on->precision >= Time::Precision::kDay) ++published[fact.known_on->FirstDay().ToString()];
    const bool happened = fact.valid_from && fact.valid_from->precision == Time::Precision::kSecond;
    const std::optional<Time> built = fact.object.type == EntityType::kCompileTime ? ParseTime(fact.object.value) : std::nullopt;
    const std::optional<Time> when = built && built->precision == Time::Precision::kSecond ? built : happened ? fact.valid_from : std::nullopt;
    // Midnight sharp is how formats without days write one.
    if (!when || when->seconds < 0 || when->seconds % 86400 == 0) continue;
    // 1970-01-01 was a Thursday; weeks begin on Monday.
    const std::int64_t hour = when->seconds / 3600 + 3 * 24;
    ++hours[static_cast<std::size_t>(hour % (7 * 24))];
    ++timed;
  }
  Json days = Json::array();
  for (const auto& [day, count] : published) days.push_back({day, count});
  return {{"attacks", list}, {"attacks_left_out", left_out}, {"published", days}, {"hours", hours}, {"timed", timed}};
}

}  // namespace

std::vector<std::string> CitedFacts(const Assessment& assessment, std::size_t limit) {
  std::vector<const Claim*> claims;
  for (const Claim& claim : assessment.claims) claims.push_back(&claim);
  std::stable_sort(claims.begin(), claims.end(), [](const Claim* a, const Claim* b) { return Weight(*a) > Weight(*b); });
  std::vector<std::string> out;
  std::unordered_set<std::string> seen;
  const auto add = [&](const std::vector<std::string>& ids) {
    for (const std::string& id : ids)
      if (out.size() < limit && seen.insert(id).second) out.push_back(id);
  };
  for (const Hop& hop : assessment.route.hops) add(hop.facts);
  for (const Contradiction& c : assessment.contradictions) add(c.side_a), add(c.side_b);
  for (const Claim* claim : claims) add(claim->case_facts), add(claim->knowledge_facts);
  return out;
}

std::string PageJson(const PageInput& input) {
  Json out;
  out["schema"] = "ascribe-page/1";
  out["assessment"] = Json::parse(AssessmentToJson(input.assessment, input.code != nullptr ? *input.code : std::vector<CodeComparison>{}));
  out["assessment"].erase("sensitivity");
  out["sensitivity"] = SensitivityRows(input.assessment);
  out["sensitivity_unmoved"] = input.assessment.sensitivity.size() - out["sensitivity"].size();
  out["model"] = ModelJson(input.assessment);
  for (const Level level : kLevels) {
    const Calibration& measured = input.assessment.model.calibration[static_cast<std::size_t>(level)];
    Json bins = Json::array();
    for (const CalibrationBin& bin : measured.bins)
      bins.push_back({{"from", bin.from}, {"to", bin.to}, {"said", bin.said}, {"right", bin.right}, {"tests", bin.count}});
    out["calibration"][std::string(LevelName(level))] = {
        {"ece", measured.error}, {"tests", measured.tests}, {"said", AnswersThatSay(measured)}, {"measured", AnswersThatSay(measured) >= kLeastSaid},
        {"bins", bins}};
  }
  out["scenarios"] = ScenariosJson(input.scenarios);
  Facts facts = FactsOf(input);
  FactLists lists(facts.rows);
  for (std::size_t i = 0; i < input.assessment.claims.size(); ++i) {
    Json& claim = out["assessment"]["claims"][i];
    claim.erase("contributions");  // the model has them at full precision
    claim["case_facts"] = lists.Steps(input.assessment.claims[i].case_facts);
    claim["knowledge_facts"] = lists.Steps(input.assessment.claims[i].knowledge_facts);
  }
  out["sources"] = std::move(facts.sources);
  out["words"] = std::move(facts.words);
  out["files"] = std::move(facts.files);
  out["facts"] = std::move(facts.rows);
  out["facts_left_out"] = facts.left_out;
  out["evidence"] = EvidenceJson(input);
  Json notes = Json::array();
  constexpr std::size_t kMaxNotes = 500;
  for (const Diagnostic& d : input.data.diagnostics) {
    if (notes.size() == kMaxNotes) break;
    notes.push_back({{"code", d.code}, {"text", Shown(d.text)}, {"evidence", d.evidence}, {"at", d.locator.ToString()}});
  }
  out["notes"] = notes;
  out["notes_left_out"] = input.data.diagnostics.size() - notes.size();
  out["timeline"] = TimelineJson(input);
  out["graph"] = Json::parse(ArgumentGraphJson(input.data, input.assessment));
  out["response"] = input.response == nullptr ? Json(nullptr) : PageResponse(*input.response, lists);
  out["fact_lists"] = lists.Take();
  std::string text = out.dump(-1, ' ', true, Json::error_handler_t::replace);
  // JSON holds '<' only inside strings, where the escape means the same: "</script>" cannot end the element.
  std::string safe;
  safe.reserve(text.size());
  for (char c : text) {
    if (c == '<') safe += "\\u003c";
    else safe += c;
  }
  return safe;
}

}  // namespace ascribe
