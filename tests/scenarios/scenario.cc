#include "scenario.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "model/fact_record.h"

namespace ascribe {
namespace {

using Json = nlohmann::ordered_json;

// What the defaults of the format are; docs/formats/scenarios.md names them.
constexpr std::string_view kCaseSource = "report", kKnowledgeSource = "pack";
constexpr std::string_view kKnowledgeKnownOn = "2010-01-01";

tl::unexpected<Error> Bad(std::size_t line, std::string_view why) {
  return Fail(ErrorCode::kInvalidInput, fmt::format("line {}: {}", line, why));
}

std::vector<std::string> Words(std::string_view text) {
  std::vector<std::string> words;
  for (std::string_view word : Split(text, ' '))
    if (!word.empty()) words.emplace_back(word);
  return words;
}

// One NDJSON line with the defaults filled in, plus "statement" and "inspectable", which elsewhere come from TOML.
Result<Fact> ReadFactLine(std::string_view line, const char* default_relation) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) return Fail(ErrorCode::kInvalidInput, "no JSON object");
  std::vector<std::pair<std::string, std::string>> members;
  Fact extra;
  for (const auto& [key, value] : json.items()) {
    if (key == "inspectable") {
      extra.inspectable = value.is_boolean() ? value.get<bool>() : true;
    } else if (key == "statement") {
      const auto kind = ParseStatementKind(value.is_string() ? value.get<std::string>() : "");
      if (!kind) return Fail(ErrorCode::kInvalidInput, "unknown statement");
      extra.statement = *kind;
    } else {
      members.emplace_back(key, value.is_string() ? value.get<std::string>() : value.dump());
    }
  }
  if (!json.contains("relation")) members.emplace_back("relation", default_relation);
  std::vector<RecordField> fields;
  for (const auto& [key, value] : members) fields.push_back({key, value});
  std::vector<RecordWarning> warnings;
  TRY_ASSIGN(Fact fact, FactFromRecord(fields, warnings));
  // A slip in a scenario must not pass as "weighs nothing".
  if (!warnings.empty()) return Fail(ErrorCode::kInvalidInput, warnings.front().text);
  fact.statement = extra.statement;
  fact.inspectable = extra.inspectable;
  return fact;
}

// "attack:x 2012-03-01 [actor:y [confidence]]": the date and the attribution of an earlier attack in one line.
Result<std::vector<Fact>> ReadAttackLine(std::string_view line) {
  const std::vector<std::string> words = Words(line);
  if (words.size() < 2 || words.size() > 4)
    return Fail(ErrorCode::kInvalidInput, "write attack:id DATE [actor:id [p]]");
  TRY_ASSIGN(const Entity attack, ParseEntity(words[0]));
  Fact when;
  when.subject = attack;
  when.relation = Relation::kTargets;
  when.object = {EntityType::kSector, "of-" + attack.value};
  when.valid_from = ParseTime(words[1]);
  if (!when.valid_from) return Fail(ErrorCode::kInvalidInput, "no date");
  std::vector<Fact> facts = {when};
  if (words.size() > 2) {
    Fact who;
    who.subject = attack;
    who.relation = Relation::kAttributedTo;
    TRY_ASSIGN(who.object, ParseEntity(words[2]));
    if (words.size() > 3) who.confidence = std::strtod(words[3].c_str(), nullptr);
    facts.push_back(who);
  }
  return facts;
}

// "id B2 [origin=..] [derived_from=..] [url=..] [published=..] [publisher=..] [asserted]"
Result<Source> ReadSource(std::string_view line) {
  const std::vector<std::string> words = Words(line);
  if (words.size() < 2) return Fail(ErrorCode::kInvalidInput, "write source = id GRADE");
  Source source;
  source.id = words[0];
  source.publisher = words[0];
  const auto grade = ParseGrade(words[1]);
  if (!grade) return Fail(ErrorCode::kInvalidInput, "no grade");
  source.grade = *grade;
  for (std::size_t i = 2; i < words.size(); ++i) {
    const std::size_t equals = words[i].find('=');
    const std::string key = words[i].substr(0, equals),
                      value = equals == std::string::npos ? "" : words[i].substr(equals + 1);
    if (key == "origin")
      source.origin = value;
    else if (key == "derived_from")
      source.derived_from = value;
    else if (key == "url")
      source.url = value;
    else if (key == "publisher")
      source.publisher = value;
    else if (key == "published")
      source.published = ParseTime(value);
    else if (key == "asserted")
      source.inspectable = false;
    else
      return Fail(ErrorCode::kInvalidInput, "unknown word " + key);
  }
  return source;
}

Status ReadHeader(std::string_view line, ScenarioFile& out, std::vector<Source>& sources) {
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) return Fail(ErrorCode::kInvalidInput, "write key = value");
  const std::string_view key = Trim(line.substr(0, equals)), value = Trim(line.substr(equals + 1));
  if (key == "title") {
    out.title = value;
  } else if (key == "incident") {
    out.data.info.incident = out.data.info.detected = ParseTime(value);
    if (!out.data.info.incident) return Fail(ErrorCode::kInvalidInput, "no date");
  } else if (key == "as-of") {
    out.as_of = ParseAsOf(value);
    if (!out.as_of) return Fail(ErrorCode::kInvalidInput, "no date");
  } else if (key == "source") {
    TRY_ASSIGN(Source source, ReadSource(value));
    sources.push_back(std::move(source));
  } else if (key == "hygiene") {
    const std::vector<std::string> words = Words(value);
    if (words.size() != 2) return Fail(ErrorCode::kInvalidInput, "write hygiene = entity class");
    out.hygiene[words[0]] = words[1];
  } else {
    return Fail(ErrorCode::kInvalidInput, "unknown key " + std::string(key));
  }
  return {};
}

// --- expectations -------------------------------------------------------------------------------------------------

std::optional<Level> LevelOf(std::string_view name) {
  for (Level level : kLevels)
    if (LevelName(level) == name) return level;
  return std::nullopt;
}

std::string OrNone(const std::string& text) { return text.empty() ? "none" : text; }

// Value of a path as text, numbers with six decimals; std::nullopt: no such path.
std::optional<std::string> ValueOf(const Assessment& a, const std::string& path) {
  const auto number = [](double value) { return fmt::format("{:.6f}", value + 0.0); };
  if (path == "verdict")
    return fmt::format("{} {} {} {}", LevelName(a.verdict.level), OrNone(a.verdict.hypothesis), a.verdict.gate,
                       OrNone(a.verdict.likelihood));
  if (path == "verdict.level") return std::string(LevelName(a.verdict.level));
  if (path == "verdict.hypothesis") return OrNone(a.verdict.hypothesis);
  if (path == "verdict.gate") return a.verdict.gate;
  if (path == "verdict.likelihood") return OrNone(a.verdict.likelihood);
  if (path == "verdict.confidence") return a.verdict.confidence;
  // What planted items could do: of the verdict's own claims, and of any kind on somebody else.
  if (path == "planting.claims") return number(static_cast<double>(a.planting.claims.size()));
  if (path == "planting.claim-kinds") return number(static_cast<double>(a.planting.claim_groups));
  if (path == "planting.items") return number(static_cast<double>(a.planting.kinds.size()));
  if (path == "planting.tried") return number(static_cast<double>(a.planting.tried));
  // sensitivity[KIND ID]: the leader's posterior at operator level then
  constexpr std::string_view kRun = "sensitivity[";
  if (path.starts_with(kRun) && path.ends_with("]")) {
    const std::string want = path.substr(kRun.size(), path.size() - kRun.size() - 1);
    for (const SensitivityRun& run : a.sensitivity)
      if (run.kind + ":" + run.id == want) return number(run.outcomes[static_cast<std::size_t>(Level::kOperator)].posterior);
    return std::nullopt;
  }
  if (path == "copyable") return number(a.copyable_weight);
  if (path == "compared.attacks") return number(static_cast<double>(a.attacks_compared));
  if (path == "compared.actors") return number(static_cast<double>(a.actors_compared));
  if (path == "facts.used") return number(static_cast<double>(a.facts_used));
  if (path == "facts.later") return number(static_cast<double>(a.facts_later));
  if (path == "facts.unverified") return number(static_cast<double>(a.facts_unverified));
  if (path == "contradictions") return number(static_cast<double>(a.contradictions.size()));
  if (path == "retractions") return number(static_cast<double>(a.retractions.size()));
  if (path == "retraction.changes") {
    std::size_t changes = 0;
    for (const RetractionEffect& effect : a.retractions) changes += effect.changes.size();
    return number(static_cast<double>(changes));
  }
  if (path == "route.hops") return number(static_cast<double>(a.route.hops.size()));
  if (path == "route.end") return a.route.end_of_trail;
  if (path == "route.ends") return fmt::format("{}", fmt::join(a.route.ends, " "));
  const std::size_t cut = path.find_first_of(".[");
  const auto level = LevelOf(path.substr(0, cut));
  if (!level || cut == std::string::npos) return std::nullopt;
  const LevelResult& result = a.At(*level);
  std::string rest = path.substr(cut);
  if (rest == ".top") return result.ranked.front().id;
  if (rest == ".flip") {
    for (const Flip& flip : a.flips)
      if (flip.level == *level) return OrNone(flip.leader_then);
    return "none";
  }
  const std::size_t close = rest.find("].");
  if (rest.front() != '[' || close == std::string::npos) return std::nullopt;
  const std::string id = rest.substr(1, close - 1), what = rest.substr(close + 2);
  const auto h =
      std::find_if(result.ranked.begin(), result.ranked.end(), [&](const Hypothesis& x) { return x.id == id; });
  if (what == "present") return h != result.ranked.end() ? "yes" : "no";
  // A hypothesis that is not considered stands at nothing.
  if (h == result.ranked.end()) return what == "posterior" || what == "nats" ? std::optional(number(0)) : "none";
  if (what == "posterior") return number(h->posterior);
  if (what == "nats") return number(h->nats);
  if (what == "name") return h->name;
  if (what == "best") {
    const Claim* claim = a.FindClaim(h->best_evidence);
    return claim == nullptr ? "none" : claim->kind;
  }
  for (Group group : kGroups)
    if (what == GroupName(group)) {
      const auto value = h->groups.find(group);
      return number(value == h->groups.end() ? 0 : value->second);
    }
  return std::nullopt;
}

double StrongestContribution(const Claim& claim) {
  double nats = 0;
  if (!claim.cancelled)
    for (const Contribution& c : claim.contributions) nats = std::max(nats, c.nats);
  return nats;
}

std::optional<std::string> ClaimValue(const Claim& c, const std::string& what) {
  if (what == "nats") return fmt::format("{:.6f}", StrongestContribution(c));
  if (what == "holders") return fmt::format("{:.6f}", static_cast<double>(c.holders));
  if (what == "similarity") return fmt::format("{:.6f}", c.similarity);
  if (what == "reliability") return fmt::format("{:.6f}", c.reliability);
  if (what == "origins") return fmt::format("{:.6f}", static_cast<double>(c.origins.size()));
  if (what == "copyable") return c.copyable ? "yes" : "no";
  if (what == "cancelled-by") return OrNone(c.cancelled_by);
  if (what == "weightless") return c.weightless_reason.empty() ? "no" : "yes";
  return std::nullopt;
}

std::optional<double> AsNumber(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool IsOperator(const std::string& word) {
  return word == "=" || word == "!=" || word == "<" || word == ">" || word == "<=" || word == ">=" ||
         word == "contains";
}

bool Compare(const std::string& have, const std::string& op, const std::string& want) {
  if (op == "contains") return have.find(want) != std::string::npos;
  const auto x = AsNumber(have), y = AsNumber(want);
  if (!x || !y) return op == "=" ? have == want : op == "!=" && have != want;
  // Hand-computed values are written with three decimals.
  const bool same = std::abs(*x - *y) <= 0.0006;
  if (op == "=") return same;
  if (op == "!=") return !same;
  if (op == "<") return *x < *y;
  if (op == ">") return *x > *y;
  return op == "<=" ? *x <= *y : *x >= *y;
}

std::string Join(const std::vector<std::string>& words, std::size_t from, std::size_t to) {
  std::string text;
  for (std::size_t i = from; i < to; ++i) text += (i > from ? " " : "") + words[i];
  return text;
}

// "claim KEY=VALUE… WHAT OP VALUE": holds for every claim that fits, and at least one fits. "claims KEY=VALUE… OP N"
// counts them.
std::string CheckClaims(const Assessment& a, const std::vector<std::string>& words, std::size_t op) {
  const bool count = words[0] == "claims";
  std::vector<const Claim*> fitting;
  for (const Claim& claim : a.claims) {
    bool fits = true;
    for (std::size_t i = 1; i < (count ? op : op - 1); ++i) {
      const std::size_t equals = words[i].find('=');
      const std::string key = words[i].substr(0, equals),
                        value = equals == std::string::npos ? "" : words[i].substr(equals + 1);
      if (key == "kind")
        fits = fits && claim.kind == value;
      else if (key == "thing")
        fits = fits && claim.thing == value;
      else if (key == "group")
        fits = fits && GroupName(claim.group) == value;
      else
        return "unknown selector " + key;
    }
    if (fits) fitting.push_back(&claim);
  }
  const std::string want = Join(words, op + 1, words.size());
  if (count) {
    const std::string have = fmt::format("{}", fitting.size());
    return Compare(have, words[op], want) ? "" : "there are " + have;
  }
  if (fitting.empty()) return "no such claim";
  for (const Claim* claim : fitting) {
    const auto have = ClaimValue(*claim, words[op - 1]);
    if (!have) return "unknown word " + words[op - 1];
    if (!Compare(*have, words[op], want)) return fmt::format("{} ({}): {}", claim->thing, claim->kind, *have);
  }
  return {};
}

bool HasContradiction(const Assessment& a, const std::string& rule) {
  return std::any_of(a.contradictions.begin(), a.contradictions.end(),
                     [&](const Contradiction& c) { return c.rule == rule; });
}

}  // namespace

Result<ScenarioFile> ParseScenario(std::string_view text) {
  ScenarioFile out;
  out.knowledge.kind = Batch::Kind::kKnowledge;
  out.knowledge.key = out.knowledge.id = "scenario";
  out.knowledge.version = "1";
  out.data.info.id = "scenario";
  std::vector<Source> sources;
  std::string section;
  std::size_t number = 0;
  for (std::string_view raw : Split(text, '\n')) {
    ++number;
    const std::string_view line = Trim(raw);
    if (line.empty() || line.front() == '#') continue;
    if (line.front() == '[') {
      section = line;
      if (section != "[knowledge]" && section != "[case]" && section != "[expect]")
        return Bad(number, "unknown section");
    } else if (section.empty()) {
      if (const Status status = ReadHeader(line, out, sources); !status) return Bad(number, status.error().message);
    } else if (section == "[expect]") {
      out.expectations.push_back({number, std::string(line)});
    } else if (line.front() != '{') {
      if (section != "[knowledge]") return Bad(number, "only [knowledge] takes attack lines");
      auto facts = ReadAttackLine(line);
      if (!facts) return Bad(number, facts.error().message);
      for (Fact& fact : *facts) out.knowledge.facts.push_back(std::move(fact));
      out.knowledge_lines.push_back(facts->size());
    } else {
      const bool known = section == "[knowledge]";
      auto fact = ReadFactLine(line, known ? "uses" : "observed");
      if (!fact) return Bad(number, fact.error().message);
      (known ? out.knowledge.facts : out.data.facts).push_back(std::move(*fact));
      if (known) out.knowledge_lines.push_back(1);
    }
  }
  if (!out.data.info.incident) return Bad(1, "no incident = DATE");
  if (out.expectations.empty()) return Bad(number, "nothing is expected");
  for (const std::string_view id : {kCaseSource, kKnowledgeSource}) {
    if (std::any_of(sources.begin(), sources.end(), [&](const Source& s) { return s.id == id; })) continue;
    Source source;
    source.id = source.publisher = id;
    source.grade = {'B', 2};
    sources.push_back(std::move(source));
  }
  std::sort(sources.begin(), sources.end(), [](const Source& a, const Source& b) { return a.id < b.id; });
  out.data.sources = out.knowledge.sources = sources;
  const auto complete = [&](Fact& fact, std::string_view default_source, const std::optional<Time>& known_on) {
    if (fact.source.empty()) fact.source = default_source;
    const Source* source = out.data.FindSource(fact.source);
    if (!fact.known_on) fact.known_on = source != nullptr && source->published ? source->published : known_on;
  };
  for (Fact& fact : out.knowledge.facts) complete(fact, kKnowledgeSource, ParseTime(kKnowledgeKnownOn));
  for (Fact& fact : out.data.facts) complete(fact, kCaseSource, out.data.info.incident);
  return out;
}

Assessment RunScenario(const ScenarioFile& scenario, const Parameters& parameters, std::size_t without_case,
                       std::size_t without_knowledge) {
  CaseData data = scenario.data;
  if (without_case > 0) data.facts.erase(data.facts.begin() + static_cast<std::ptrdiff_t>(without_case - 1));
  std::sort(data.facts.begin(), data.facts.end(), FactLess);
  Batch batch = scenario.knowledge;
  if (without_knowledge > 0) {
    std::size_t first = 0;
    for (std::size_t i = 0; i + 1 < without_knowledge; ++i) first += scenario.knowledge_lines[i];
    const auto begin = batch.facts.begin() + static_cast<std::ptrdiff_t>(first);
    batch.facts.erase(begin, begin + static_cast<std::ptrdiff_t>(scenario.knowledge_lines[without_knowledge - 1]));
  }
  Knowledge::Options options;
  options.as_of = scenario.as_of;
  options.incident = data.info.incident->FirstDay();
  const Knowledge knowledge = Knowledge::Build({batch}, options, parameters);
  const auto hygiene = [&](const Entity& entity) {
    const auto it = scenario.hygiene.find(entity.ToString());
    return it == scenario.hygiene.end() ? std::string_view{} : std::string_view(it->second);
  };
  Assessment assessment = Assess({data, knowledge, parameters, scenario.as_of, hygiene});
  return assessment;
}

std::string Check(const ScenarioFile& scenario, const Parameters& parameters, const Assessment& a,
                  const Expectation& expectation) {
  const std::vector<std::string> words = Words(expectation.text);
  if (words[0] == "contradiction" && words.size() == 2) return HasContradiction(a, words[1]) ? "" : "not found";
  if (words[0] == "no" && words.size() == 3 && words[1] == "contradiction")
    return HasContradiction(a, words[2]) ? "found" : "";
  if (words[0] == "next" && words.size() == 2)
    return std::any_of(a.next_evidence.begin(), a.next_evidence.end(),
                       [&](const NextEvidence& n) { return n.kind == words[1]; })
               ? ""
               : "not listed";
  // PATH differs-without case|knowledge N
  if (words.size() == 4 && (words[1] == "differs-without" || words[1] == "same-without")) {
    const std::size_t line = static_cast<std::size_t>(AsNumber(words[3]).value_or(0));
    const bool of_case = words[2] == "case";
    const std::size_t lines = of_case ? scenario.data.facts.size() : scenario.knowledge_lines.size();
    if (line == 0 || line > lines) return fmt::format("there is no line {}", line);
    const Assessment then = RunScenario(scenario, parameters, of_case ? line : 0, of_case ? 0 : line);
    const auto with = ValueOf(a, words[0]), without = ValueOf(then, words[0]);
    if (!with || !without) return "unknown path";
    return (*with != *without) == (words[1] == "differs-without")
               ? ""
               : fmt::format("with it {}, without it {}", *with, *without);
  }
  const auto op = std::find_if(words.begin(), words.end(), IsOperator);
  if (op == words.end() || op == words.begin()) return "not understood";
  const auto at = static_cast<std::size_t>(op - words.begin());
  if (words[0] == "claim" || words[0] == "claims") return CheckClaims(a, words, at);
  const auto have = ValueOf(a, words[0]);
  if (!have || at != 1) return "unknown path";
  const std::string want = Join(words, 2, words.size());
  // Another path on the right side: "operator[actor:x].posterior > operator[actor:y].posterior".
  const auto right = ValueOf(a, want);
  return Compare(*have, *op, right ? *right : want) ? "" : "found " + *have;
}

}  // namespace ascribe
