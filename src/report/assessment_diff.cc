#include "report/assessment_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <tuple>

#include "base/json.h"
#include "base/text.h"
#include "base/time.h"

namespace ascribe {
namespace {

using simdjson::SUCCESS;
using Element = simdjson::dom::element;

constexpr std::size_t kDigest = 16;  // hex digits of a digest that are shown

std::string Text(Element object, std::string_view key) { return std::string(JsonText(object, key)); }

double Number(Element object, std::string_view key) {
  double value = 0;
  return object[key].get(value) == SUCCESS && std::isfinite(value) ? value : 0;
}

template <typename Fn>
void ForEach(Element object, std::string_view pointer, Fn fn) {
  simdjson::dom::array list;
  if (object.at_pointer(pointer).get(list) != SUCCESS) return;
  for (Element item : list) fn(item);
}

std::string Joined(Element object, std::string_view pointer) {
  std::string out;
  ForEach(object, pointer, [&](Element item) {
    std::string_view text;
    if (item.get(text) == SUCCESS) out += (out.empty() ? "" : "; ") + std::string(text);
  });
  return out;
}

void ReadInputs(Element root, AssessedCase& out) {
  Element part;
  out.inputs["engine"] = Text(root, "engine");
  if (root["case"].get(part) == SUCCESS) out.inputs["case"] = Text(part, "id");
  const std::string as_of = Text(root, "as_of");
  out.inputs["as of"] = as_of.empty() ? "everything known" : as_of;
  const std::string scenario = Joined(root, "/scenario/differences");
  out.inputs["scenario"] = scenario.empty() ? "the case as it is" : scenario;
  if (root["parameters"].get(part) == SUCCESS)
    out.inputs["parameters"] = Text(part, "version") + " " + Text(part, "sha256").substr(0, kDigest);
  if (root.at_pointer("/parameters/fit").get(part) == SUCCESS && part.is_object())
    out.inputs["measured table"] = Text(part, "version") + " " + Text(part, "sha256").substr(0, kDigest);
  ForEach(root, "/knowledge/packs", [&](Element pack) {
    out.inputs["knowledge " + Text(pack, "id")] = Text(pack, "version") + " " + Text(pack, "digest").substr(0, kDigest);
  });
}

AssessedCase::ClaimSays ReadClaim(Element claim) {
  AssessedCase::ClaimSays says;
  says.key = Text(claim, "kind") + '\n' + Text(claim, "thing");
  says.statement = Text(claim, "statement");
  const std::string cancelled = Text(claim, "cancelled_by");
  says.set_aside = cancelled.empty() ? Text(claim, "weightless_reason") : "cancelled by " + cancelled;
  ForEach(claim, "/contributions", [&](Element c) {
    says.nats[Text(c, "level") + " " + Text(c, "hypothesis")] = cancelled.empty() ? Number(c, "nats") : 0;
  });
  return says;
}

std::vector<Change> Compare(const std::map<std::string, std::string>& before,
                            const std::map<std::string, std::string>& after) {
  std::vector<Change> changes;
  for (const auto& [what, value] : before) {
    const auto now = after.find(what);
    if (now == after.end())
      changes.push_back({what, value, ""});
    else if (now->second != value)
      changes.push_back({what, value, now->second});
  }
  for (const auto& [what, value] : after)
    if (before.count(what) == 0) changes.push_back({what, "", value});
  std::stable_sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) { return a.what < b.what; });
  return changes;
}

// A fact that became known after the as-of date is not there yet.
bool KnownBy(Element fact, std::optional<Date> as_of) {
  const std::optional<Time> known = ParseTime(JsonText(fact, "known_on"));
  return !as_of || !known || known->LastDay() <= *as_of;
}

// Where a claim changed most; nothing when it says the same.
std::optional<ClaimChange> CompareClaims(const std::string& before_id, const AssessedCase::ClaimSays* before,
                                         const std::string& after_id, const AssessedCase::ClaimSays* after) {
  static const AssessedCase::ClaimSays kNothing;
  const AssessedCase::ClaimSays& was = before != nullptr ? *before : kNothing;
  const AssessedCase::ClaimSays& is = after != nullptr ? *after : kNothing;
  ClaimChange change{before_id, after_id, was.statement, is.statement, was.set_aside, is.set_aside, {}, 0, 0};
  std::map<std::string, std::pair<double, double>> cells;
  for (const auto& [toward, nats] : was.nats) cells[toward].first = nats;
  for (const auto& [toward, nats] : is.nats) cells[toward].second = nats;
  double most = 0;
  for (const auto& [toward, nats] : cells) {
    const double moved = std::abs(nats.second - nats.first);
    if (moved < kVisibleChange || moved <= most) continue;
    most = moved;
    change.toward = toward;
    std::tie(change.before, change.after) = nats;
  }
  const bool same =
      before != nullptr && after != nullptr && before_id == after_id && most == 0 && was.set_aside == is.set_aside;
  return same ? std::nullopt : std::optional(change);
}

std::vector<ClaimChange> CompareAllClaims(const AssessedCase& before, const AssessedCase& after) {
  std::vector<ClaimChange> changes;
  std::multimap<std::string, std::string> gone;  // key -> id, of claims that are not there by id
  const auto add = [&](std::optional<ClaimChange> change) {
    if (change) changes.push_back(std::move(*change));
  };
  for (const auto& [id, claim] : before.claims)
    if (after.claims.count(id) == 0) gone.emplace(claim.key, id);
  for (const auto& [id, claim] : after.claims) {
    const auto same = before.claims.find(id);
    if (same != before.claims.end()) {
      add(CompareClaims(id, &same->second, id, &claim));
    } else if (const auto moved = gone.find(claim.key); moved != gone.end()) {  // the same link from other facts
      add(CompareClaims(moved->second, &before.claims.at(moved->second), id, &claim));
      gone.erase(moved);
    } else {
      add(CompareClaims("", nullptr, id, &claim));
    }
  }
  for (const auto& [key, id] : gone) add(CompareClaims(id, &before.claims.at(id), "", nullptr));
  std::stable_sort(changes.begin(), changes.end(), [](const ClaimChange& a, const ClaimChange& b) {
    const double x = std::abs(a.after - a.before), y = std::abs(b.after - b.before);
    return x != y ? x > y : std::tie(a.before_id, a.after_id) < std::tie(b.before_id, b.after_id);
  });
  return changes;
}

std::vector<PosteriorChange> ComparePosteriors(const AssessedCase& before, const AssessedCase& after) {
  std::vector<PosteriorChange> all;
  for (const char* level : {"operator", "lineage", "sponsor"}) {
    std::map<std::string, PosteriorChange> changes;
    const auto fill = [&](const AssessedCase& of, std::optional<double> PosteriorChange::*side,
                          std::string PosteriorChange::*name) {
      const auto found = of.levels.find(level);
      if (found == of.levels.end()) return;
      for (const auto& [id, standing] : found->second) {
        PosteriorChange& change = changes[id];
        change.level = level;
        change.hypothesis = id;
        change.*name = standing.name;
        change.*side = standing.posterior;
      }
    };
    fill(before, &PosteriorChange::before, &PosteriorChange::before_name);
    fill(after, &PosteriorChange::after, &PosteriorChange::after_name);
    std::vector<PosteriorChange> moved;
    for (auto& [id, change] : changes)
      if (std::abs(change.after.value_or(0) - change.before.value_or(0)) >= kVisibleChange)
        moved.push_back(std::move(change));
    std::stable_sort(moved.begin(), moved.end(), [](const PosteriorChange& a, const PosteriorChange& b) {
      return std::abs(a.after.value_or(0) - a.before.value_or(0)) >
             std::abs(b.after.value_or(0) - b.before.value_or(0));
    });
    all.insert(all.end(), std::make_move_iterator(moved.begin()), std::make_move_iterator(moved.end()));
  }
  return all;
}

}  // namespace

Result<AssessedCase> ReadAssessed(ByteView assessment, ByteView case_facts) {
  TRY_ASSIGN(const JsonDocument document, JsonDocument::Parse(assessment));
  const Element root = document.root();
  if (!JsonText(root, "schema").starts_with("ascribe-assessment/"))
    return Fail(ErrorCode::kInvalidInput, "this is no assessment of `investigate`");
  TRY_ASSIGN(const JsonDocument facts, JsonDocument::Parse(case_facts));
  if (!JsonText(facts.root(), "schema").starts_with("ascribe-case-facts/"))
    return Fail(ErrorCode::kInvalidInput, "case.json beside it is no case of `investigate`");
  AssessedCase out;
  ReadInputs(root, out);
  Element part;
  if (root["verdict"].get(part) == SUCCESS)
    for (const char* key : {"level", "name", "likelihood", "gate", "confidence"}) out.verdict[key] = Text(part, key);
  for (const char* level : {"lineage", "operator", "sponsor"})
    ForEach(root, fmt::format("/levels/{}/ranked", level), [&](Element h) {
      out.levels[level][Text(h, "id")] = {Text(h, "name"), Number(h, "posterior")};
    });
  ForEach(root, "/claims", [&](Element claim) { out.claims[Text(claim, "id")] = ReadClaim(claim); });
  ForEach(facts.root(), "/evidence", [&](Element e) { out.evidence[Text(e, "sha256")] = Text(e, "name"); });
  ForEach(facts.root(), "/sources", [&](Element s) { out.inputs["source " + Text(s, "id")] = Text(s, "grade"); });
  const std::optional<Date> as_of = ParseAsOf(JsonText(root, "as_of"));
  ForEach(facts.root(), "/facts", [&](Element f) {
    if (KnownBy(f, as_of))
      out.facts[Text(f, "id")] = Text(f, "subject") + " " + Text(f, "relation") + " " + Text(f, "object");
  });
  return out;
}

AssessmentDiff DiffAssessments(const AssessedCase& before, const AssessedCase& after) {
  return {Compare(before.verdict, after.verdict),   Compare(before.inputs, after.inputs),
          Compare(before.evidence, after.evidence), Compare(before.facts, after.facts),
          CompareAllClaims(before, after),          ComparePosteriors(before, after)};
}

namespace {

constexpr std::size_t kWidth = 80, kShown = 12;

std::string Plain(std::string_view text, std::size_t limit = 120) { return TerminalSafe(Ellipsize(text, limit)); }
std::string Shown(std::string_view text, std::size_t limit = 120) { return Defang(Plain(text, limit)); }

std::string Row(const std::string& text) { return "  " + WrapText(text, kWidth - 2, 4) + "\n"; }

template <typename T, typename Fn>
void Section(const char* title, const std::vector<T>& items, std::string& out, Fn row) {
  if (items.empty()) return;
  out += fmt::format("{}\n", title);
  for (std::size_t i = 0; i < std::min(items.size(), kShown); ++i) out += Row(row(items[i]));
  if (items.size() > kShown) out += fmt::format("  and {} more; --json has them all\n", items.size() - kShown);
}

std::string Sides(const Change& c) {
  return fmt::format("{}: {} -> {}", Plain(c.what), c.before.empty() ? "nothing" : Plain(c.before),
                     c.after.empty() ? "nothing" : Plain(c.after));
}
std::string Percent(const std::optional<double>& p) {
  return p ? fmt::format("{:.1f} %", 100 * *p) : std::string("no hypothesis");
}

// What it is called now; what it was called, when that was something else.
std::string NowAndBefore(const std::string& before, const std::string& after) {
  if (before.empty() || after.empty() || before == after) return Shown(after.empty() ? before : after);
  return Shown(after) + " (before: " + Shown(before) + ")";
}

std::string ClaimRow(const ClaimChange& c) {
  const std::string what = c.before_id.empty()         ? "new " + c.after_id
                           : c.after_id.empty()        ? "gone " + c.before_id
                           : c.before_id == c.after_id ? c.after_id
                                                       : c.before_id + " is now " + c.after_id;
  std::string out = fmt::format("{} {}", Shown(what), NowAndBefore(c.before_statement, c.after_statement));
  if (!c.toward.empty()) out += fmt::format(": {:+.2f} -> {:+.2f} nats for {}", c.before, c.after, Shown(c.toward));
  if (c.before_aside != c.after_aside)
    out += fmt::format(" ({})", c.after_aside.empty() ? "weighs again" : Shown(c.after_aside));
  return out;
}

}  // namespace

std::string DiffToText(const AssessmentDiff& diff) {
  if (diff.empty()) return "Nothing changed.\n";
  std::string out;
  Section("VERDICT", diff.verdict, out, Sides);
  if (diff.verdict.empty()) out += "VERDICT\n  the same\n";
  Section("POSTERIORS", diff.posteriors, out, [](const PosteriorChange& c) {
    return fmt::format("{} {}: {} -> {}", c.level, NowAndBefore(c.before_name, c.after_name), Percent(c.before), Percent(c.after));
  });
  Section("WHY: WHAT WENT IN", diff.inputs, out, Sides);
  Section("WHY: EVIDENCE", diff.evidence, out, [](const Change& c) {
    if (!c.before.empty() && !c.after.empty()) return "renamed " + Plain(c.before) + " to " + Plain(c.after);
    return (c.before.empty() ? "new " + Plain(c.after) : "gone " + Plain(c.before)) + " " +
           Plain(c.what.substr(0, kDigest));
  });
  Section("WHY: FACTS", diff.facts, out, [](const Change& c) {
    return (c.before.empty() ? "new " : "gone ") + Shown(c.what) + " " + Shown(c.before.empty() ? c.after : c.before);
  });
  Section("LINKS", diff.claims, out, ClaimRow);
  return out;
}

std::string DiffToJson(const AssessmentDiff& diff) {
  using Json = nlohmann::ordered_json;
  const auto text = [](const std::string& value) { return value.empty() ? Json(nullptr) : Json(value); };
  const auto round = [](double value) { return std::round(value * 1e6) / 1e6 + 0.0; };
  const auto list = [&](const std::vector<Change>& changes) {
    Json out = Json::array();
    for (const Change& c : changes)
      out.push_back({{"what", c.what}, {"before", text(c.before)}, {"after", text(c.after)}});
    return out;
  };
  Json out;
  out["schema"] = "ascribe-diff/1";
  out["verdict"] = list(diff.verdict);
  out["posteriors"] = Json::array();
  for (const PosteriorChange& c : diff.posteriors)
    out["posteriors"].push_back({{"level", c.level},
                                 {"hypothesis", c.hypothesis},
                                 {"name", c.after_name.empty() ? c.before_name : c.after_name},
                                 {"name_before", text(c.before_name)},
                                 {"name_after", text(c.after_name)},
                                 {"before", c.before ? Json(round(*c.before)) : Json(nullptr)},
                                 {"after", c.after ? Json(round(*c.after)) : Json(nullptr)}});
  out["inputs"] = list(diff.inputs);
  out["evidence"] = list(diff.evidence);
  out["facts"] = list(diff.facts);
  out["claims"] = Json::array();
  for (const ClaimChange& c : diff.claims)
    out["claims"].push_back({{"before", text(c.before_id)},
                             {"after", text(c.after_id)},
                             {"statement", c.after_statement.empty() ? c.before_statement : c.after_statement},
                             {"statement_before", text(c.before_statement)},
                             {"statement_after", text(c.after_statement)},
                             {"toward", text(c.toward)},
                             {"nats_before", round(c.before)},
                             {"nats_after", round(c.after)},
                             {"set_aside_before", text(c.before_aside)},
                             {"set_aside_after", text(c.after_aside)}});
  return out.dump(1, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace ascribe
