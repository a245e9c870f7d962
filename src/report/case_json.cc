#include "report/case_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/json_stream.h"
#include "model/override_check.h"
#include "store/known_after.h"

namespace ascribe {
namespace {

using Json = nlohmann::ordered_json;
using Element = simdjson::dom::element;

void Put(Json& out, const char* key, const std::string& value) {
  if (!value.empty()) out[key] = value;
}
void Put(Json& out, const char* key, const std::optional<Time>& time) {
  if (time) out[key] = time->ToString();
}

Json ToJson(const Locator& locator) {
  Json out = {{"kind", static_cast<int>(locator.kind)}};
  if (locator.offset != 0) out["offset"] = locator.offset;
  if (locator.length != 0) out["length"] = locator.length;
  Put(out, "path", locator.path);
  return out;
}

Json ToJson(const Fact& f) {
  Json out;
  out["id"] = f.Id();
  out["subject"] = f.subject.ToString();
  out["relation"] = RelationName(f.relation);
  out["object"] = f.object.ToString();
  Put(out, "valid_from", f.valid_from);
  Put(out, "valid_to", f.valid_to);
  Put(out, "known_on", f.known_on);
  Put(out, "retracted_on", f.retracted_on);
  Put(out, "source", f.source);
  Put(out, "origin", f.origin);
  if (f.verification != Verification::kRead) out["verified"] = VerificationName(f.verification);
  if (f.statement != StatementKind::kNone) out["statement"] = StatementKindName(f.statement);
  if (!f.inspectable) out["inspectable"] = false;
  if (f.confidence) out["confidence"] = *f.confidence;
  Put(out, "note", f.note);
  out["evidence"] = f.evidence;
  out["locator"] = ToJson(f.locator);
  out["extractor"] = f.extractor;
  return out;
}

Json ToJson(const Source& s) {
  Json out;
  out["id"] = s.id;
  Put(out, "title", s.title);
  Put(out, "publisher", s.publisher);
  Put(out, "url", s.url);
  Put(out, "published", s.published);
  out["grade"] = s.grade.ToString();
  Put(out, "origin", s.origin);
  Put(out, "derived_from", s.derived_from);
  if (!s.inspectable) out["inspectable"] = false;
  return out;
}

Json ToJson(const Evidence& e) {
  Json out;
  out["sha256"] = e.sha256;
  out["name"] = e.name;
  out["size"] = e.size;
  Put(out, "media", e.media);
  Put(out, "parent", e.parent);
  out["source"] = e.source;
  out["tlp"] = TlpName(e.tlp);
  Put(out, "acquired_at", e.acquired_at);
  Put(out, "known_on", e.known_on);
  Put(out, "reader", e.reader);
  return out;
}

// Reading back: every member is checked; the first wrong one ends it.
class In {
 public:
  explicit In(Element element) : element_(element) {}
  [[nodiscard]] std::string Text(std::string_view key) const { return std::string(JsonText(element_, key)); }
  [[nodiscard]] std::uint64_t Number(std::string_view key) const {
    std::uint64_t value = 0;
    return element_[key].get(value) == simdjson::SUCCESS ? value : 0;
  }
  [[nodiscard]] bool Flag(std::string_view key, bool otherwise) const {
    bool value = otherwise;
    return element_[key].get(value) == simdjson::SUCCESS ? value : otherwise;
  }
  [[nodiscard]] std::optional<Time> When(std::string_view key) const { return ParseTime(JsonText(element_, key)); }
  [[nodiscard]] Element element() const { return element_; }

 private:
  Element element_;
};

// Items carry their canonical text, so MakeEntity would change nothing; but hostile input is checked all the same.
Result<Fact> ReadFact(const In& in) {
  Fact f;
  TRY_ASSIGN(f.subject, ParseEntity(in.Text("subject")));
  TRY_ASSIGN(f.object, ParseEntity(in.Text("object")));
  const auto relation = ParseRelation(in.Text("relation"));
  if (!relation) return Fail(ErrorCode::kInvalidInput, "unknown relation");
  f.relation = *relation;
  f.valid_from = in.When("valid_from");
  f.valid_to = in.When("valid_to");
  f.known_on = in.When("known_on");
  f.retracted_on = in.When("retracted_on");
  f.source = in.Text("source");
  f.origin = in.Text("origin");
  f.verification = ParseVerification(in.Text("verified")).value_or(Verification::kRead);
  f.statement = ParseStatementKind(in.Text("statement")).value_or(StatementKind::kNone);
  f.inspectable = in.Flag("inspectable", true);
  double confidence = 0;
  if (in.element()["confidence"].get(confidence) == simdjson::SUCCESS) f.confidence = confidence;
  f.note = in.Text("note");
  f.evidence = in.Text("evidence");
  f.extractor = in.Text("extractor");
  Element locator;
  if (in.element()["locator"].get(locator) != simdjson::SUCCESS) return Fail(ErrorCode::kInvalidInput, "no locator");
  const In at(locator);
  if (at.Number("kind") > static_cast<std::uint64_t>(Locator::Kind::kPage)) return Fail(ErrorCode::kInvalidInput, "unknown locator");
  f.locator = {static_cast<Locator::Kind>(at.Number("kind")), at.Number("offset"), at.Number("length"), at.Text("path")};
  if (f.Id() != in.Text("id")) return Fail(ErrorCode::kCorrupt, fmt::format("fact {} does not match its id", in.Text("id")));
  return f;
}

Result<Source> ReadSource(const In& in) {
  Source s;
  s.id = in.Text("id");
  s.title = in.Text("title");
  s.publisher = in.Text("publisher");
  s.url = in.Text("url");
  s.published = in.When("published");
  const auto grade = ParseGrade(in.Text("grade"));
  if (!grade) return Fail(ErrorCode::kInvalidInput, "bad grade of source " + s.id);
  s.grade = *grade;
  s.origin = in.Text("origin");
  s.derived_from = in.Text("derived_from");
  s.inspectable = in.Flag("inspectable", true);
  return s;
}

// Held to the limits of overrides.toml: a forged file may not bring in what no analyst could write.
Result<Override> ReadOverride(const In& in) {
  Override o;
  o.claim = in.Text("claim");
  const std::optional<Level> level = ParseOverrideLevel(in.Text("level"));
  if (!level) return Fail(ErrorCode::kInvalidInput, "level: unknown");
  o.level = *level;
  o.hypothesis = in.Text("hypothesis");
  if (in.element()["nats"].get(o.nats) != simdjson::SUCCESS) return Fail(ErrorCode::kInvalidInput, "nats: no number");
  o.reason = in.Text("reason");
  o.initials = in.Text("initials");
  const std::optional<Time> date = in.When("date");
  if (!date || date->precision != Time::Precision::kDay) return Fail(ErrorCode::kInvalidInput, "date: not YYYY-MM-DD");
  o.date = date->FirstDay();
  if (std::string fault = OverrideFault(o); !fault.empty()) return Fail(ErrorCode::kInvalidInput, std::move(fault));
  return o;
}

Result<Evidence> ReadEvidence(const In& in) {
  Evidence e;
  e.sha256 = in.Text("sha256");
  e.name = in.Text("name");
  e.size = in.Number("size");
  e.media = in.Text("media");
  e.parent = in.Text("parent");
  e.source = in.Text("source");
  e.tlp = ParseTlp(in.Text("tlp")).value_or(Tlp::kRed);
  e.acquired_at = in.When("acquired_at");
  e.known_on = in.When("known_on");
  e.reader = in.Text("reader");
  return e;
}

template <typename T, typename Fn>
Status ReadList(Element root, std::string_view key, std::vector<T>& out, Fn read) {
  simdjson::dom::array array;
  if (root[key].get(array) != simdjson::SUCCESS) return Fail(ErrorCode::kInvalidInput, fmt::format("no {}", key));
  std::size_t index = 0;
  for (const Element element : array) {
    Result<T> item = read(In(element));
    if (!item) return FailAt(fmt::format("{}[{}]", key, index), item.error());
    out.push_back(std::move(*item));
    ++index;
  }
  return {};
}

}  // namespace

void CaseToJson(const CaseData& data, const std::optional<Date>& as_of, const TextSink& sink) {
  const CaseInfo& info = data.info;
  const auto dump = [](const Json& json) { return json.dump(1, ' ', false, Json::error_handler_t::replace); };
  JsonStream out(sink);
  out.OpenObject();
  out.Member("schema", dump("ascribe-case-facts/1"));
  Json c;
  c["id"] = info.id;
  c["title"] = info.title;
  c["tlp"] = TlpName(info.tlp);
  c["questions"] = info.questions;
  c["victim_name"] = info.victim_name;
  c["victim_sector"] = info.victim_sector;
  c["victim_country"] = info.victim_country;
  Put(c, "incident", info.incident);
  Put(c, "detected", info.detected);
  out.Member("case", dump(c));
  out.OpenArray("evidence");
  for (const Evidence& e : data.evidence) out.Element(dump(ToJson(e)));
  out.Close();
  out.OpenArray("sources");
  for (const Source& s : data.sources) out.Element(dump(ToJson(s)));
  out.Close();
  out.OpenArray("diagnostics");
  for (const Diagnostic& d : data.diagnostics) {
    Json item = {{"severity", static_cast<int>(d.severity)}};
    Put(item, "evidence", d.evidence);
    item["locator"] = ToJson(d.locator);
    item["code"] = d.code;
    item["text"] = d.text;
    out.Element(dump(item));
  }
  out.Close();
  out.OpenArray("facts");
  for (const Fact& f : data.facts) {
    Json item = ToJson(f);
    item["after_as_of"] = KnownAfter(f, as_of);
    out.Element(dump(item));
  }
  out.Close();
  if (!data.overrides.empty()) {
    out.OpenArray("overrides");
    for (const Override& o : data.overrides)
      out.Element(dump({{"claim", o.claim},
                        {"level", LevelName(o.level)},
                        {"hypothesis", o.hypothesis},
                        {"nats", o.nats},
                        {"reason", o.reason},
                        {"initials", o.initials},
                        {"date", o.date.ToString()}}));
    out.Close();
  }
  out.Close();
}

std::string CaseToJson(const CaseData& data, const std::optional<Date>& as_of) {
  std::string text;
  CaseToJson(data, as_of, [&](std::string_view piece) { text += piece; });
  return text;
}

Result<CaseData> CaseFromJson(ByteView json) {
  TRY_ASSIGN(const JsonDocument document, JsonDocument::Parse(json));
  const Element root = document.root();
  if (JsonText(root, "schema") != "ascribe-case-facts/1") return Fail(ErrorCode::kInvalidInput, "schema is not ascribe-case-facts/1");
  CaseData data;
  Element case_element;
  if (root["case"].get(case_element) != simdjson::SUCCESS) return Fail(ErrorCode::kInvalidInput, "no case");
  const In in(case_element);
  data.info.id = in.Text("id");
  data.info.title = in.Text("title");
  data.info.tlp = ParseTlp(in.Text("tlp")).value_or(Tlp::kRed);
  simdjson::dom::array questions;
  if (case_element["questions"].get(questions) == simdjson::SUCCESS)
    for (const Element question : questions) {
      std::string_view text;
      if (question.get(text) == simdjson::SUCCESS) data.info.questions.emplace_back(text);
    }
  data.info.victim_name = in.Text("victim_name");
  data.info.victim_sector = in.Text("victim_sector");
  data.info.victim_country = in.Text("victim_country");
  data.info.incident = in.When("incident");
  data.info.detected = in.When("detected");
  Element overrides;
  if (root["overrides"].get(overrides) == simdjson::SUCCESS) {
    TRY(ReadList(root, "overrides", data.overrides, ReadOverride));
    if (data.overrides.size() > kMaxOverrides) return Fail(ErrorCode::kLimitExceeded, fmt::format("more than {} overrides", kMaxOverrides));
    for (std::size_t i = 1; i < data.overrides.size(); ++i)
      if (!OverrideLess(data.overrides[i - 1], data.overrides[i])) return Fail(ErrorCode::kInvalidInput, fmt::format("overrides[{}]: out of order, or a cell twice", i));
  }
  TRY(ReadList(root, "evidence", data.evidence, ReadEvidence));
  TRY(ReadList(root, "sources", data.sources, ReadSource));
  TRY(ReadList(root, "facts", data.facts, ReadFact));
  TRY(ReadList(root, "diagnostics", data.diagnostics, [](const In& d) -> Result<Diagnostic> {
    Element locator;
    if (d.element()["locator"].get(locator) != simdjson::SUCCESS) return Fail(ErrorCode::kInvalidInput, "no locator");
    const In at(locator);
    return Diagnostic{static_cast<Diagnostic::Severity>(std::min<std::uint64_t>(d.Number("severity"), 2)), d.Text("evidence"),
                      {static_cast<Locator::Kind>(std::min<std::uint64_t>(at.Number("kind"), 5)), at.Number("offset"), at.Number("length"), at.Text("path")},
                      d.Text("code"), d.Text("text")};
  }));
  return data;
}

}  // namespace ascribe
