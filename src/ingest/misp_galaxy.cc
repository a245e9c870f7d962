#include "ingest/misp_galaxy.h"

#include <fmt/format.h>

#include <charconv>
#include <string>
#include <unordered_set>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "ingest/country_names.h"
#include "ingest/fact_sink.h"
#include "ingest/stix_graph.h"

namespace ascribe {
namespace {

using simdjson::SUCCESS;
constexpr std::string_view kSource = "misp-galaxy-threat-actor";

std::optional<double> Percent(std::string_view text) {
  unsigned value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || value > 100)
    return std::nullopt;
  return value / 100.0;
}

// estimative-language of MISP, the middle of the range each word stands for (ICD 203).
std::optional<double> Likelihood(simdjson::dom::element related) {
  struct Row {
    std::string_view word;
    double p;
  };
  static constexpr Row kRows[] = {{"almost-certain", 0.97},     {"very-likely", 0.87},   {"likely", 0.67},
                                  {"roughly-even-chance", 0.5}, {"very-unlikely", 0.12}, {"unlikely", 0.32}};
  std::optional<double> p;
  ForEachText(related, "tags", [&](std::string_view tag, std::size_t) {
    for (const Row& row : kRows)
      if (!p && tag == fmt::format("estimative-language:likelihood-probability=\"{}\"", row.word)) p = row.p;
  });
  return p;
}

class Import {
 public:
  explicit Import(simdjson::dom::element root) : root_(root), sink_("misp-galaxy@1") {}

  Result<KnowledgeImport> Run() {
    simdjson::dom::array values;
    if (root_["values"].get(values) != SUCCESS) return Fail(ErrorCode::kInvalidInput, "no list \"values\"");
    if (JsonText(root_, "type") != "threat-actor")
      return Fail(ErrorCode::kUnsupported, "only the galaxy \"threat-actor\" is knowledge for attribution");
    for (simdjson::dom::element value : values) uuids_.insert(JsonText(value, "uuid"));
    std::size_t index = 0;
    for (simdjson::dom::element value : values) Actor(value, fmt::format("/values/{}", index++));

    std::int64_t version = 0;
    KnowledgeImport out;
    out.id = kSource;
    out.version = root_["version"].get(version) == SUCCESS ? std::to_string(version) : "0";
    out.title = fmt::format("MISP galaxy: threat actors, version {}", out.version);
    Source source;
    source.id = source.origin = kSource;
    source.title = out.title;
    source.publisher = "MISP Project";
    source.url = "https://github.com/MISP/misp-galaxy";
    source.grade = {'C', 3};  // community entries of mixed care, with references
    out.sources.push_back(std::move(source));
    if (sink_.fact_count() == 0) return Fail(ErrorCode::kInvalidInput, "no threat actors");
    sink_.Info("no-date", "", "a galaxy states no dates: its facts count as known from the day they are added");
    Reading reading = sink_.Take();
    out.facts = std::move(reading.facts);
    out.diagnostics = std::move(reading.diagnostics);
    return out;
  }

 private:
  void Actor(simdjson::dom::element value, const std::string& pointer) {
    const auto actor = MakeEntity(EntityType::kActor, fmt::format("misp.{}", JsonText(value, "uuid").substr(0, 64)));
    if (!actor || JsonText(value, "uuid").empty())
      return sink_.Warn("no-uuid", pointer, "actor without a uuid: left out");
    Fact draft;
    draft.subject = *actor;
    draft.relation = Relation::kNamed;
    draft.source = kSource;
    simdjson::dom::element meta;
    const bool has_meta = value["meta"].get(meta) == SUCCESS;
    Fact named = draft;
    if (has_meta) named.note = References(meta);
    sink_.AddValue(std::move(named), EntityType::kText, JsonText(value, "value"), pointer + "/value");
    if (has_meta) {
      ForEachText(meta, "synonyms", [&](std::string_view name, std::size_t at) {
        sink_.AddValue(draft, EntityType::kText, name, fmt::format("{}/meta/synonyms/{}", pointer, at));
      });
      Sponsor(meta, draft, pointer);
    }
    Related(value, draft, pointer);
  }

  static std::string References(simdjson::dom::element meta) {
    constexpr std::size_t kMaxReferences = 5;  // a note is one sentence
    std::string note;
    ForEachText(meta, "refs", [&](std::string_view ref, std::size_t at) {
      if (at < kMaxReferences) note += (note.empty() ? "see " : " ") + SanitizeUtf8(Ellipsize(ref, 300));
    });
    return note;
  }

  void Sponsor(simdjson::dom::element meta, const Fact& draft, const std::string& pointer) {
    for (std::string_view key : {"country", "cfr-suspected-state-sponsor"}) {
      const std::string_view text = JsonText(meta, key);
      if (text.empty() || text == "Unknown") continue;
      const std::string at = pointer + "/meta" + JsonPointerStep(key);
      const auto code = CountryCode(text);
      if (!code) {
        sink_.Warn("bad-value", at, fmt::format("\"{}\" is no country we know", Ellipsize(text, 60)));
        continue;
      }
      Fact fact = draft;
      fact.relation = Relation::kSponsoredBy;
      fact.object = Entity{EntityType::kCountry, *code};
      fact.confidence = Percent(JsonText(meta, "attribution-confidence"));
      if (key == "country") fact.note = "the galaxy's country of origin; it need not mean an order of the state";
      sink_.Add(std::move(fact), at);
      return;
    }
  }

  void Related(simdjson::dom::element value, const Fact& draft, const std::string& pointer) {
    simdjson::dom::array related;
    if (value["related"].get(related) != SUCCESS) return;
    std::size_t index = 0;
    for (simdjson::dom::element other : related) {
      const std::size_t at = index++;
      const std::string_view uuid = JsonText(other, "dest-uuid");
      if (JsonText(other, "type") != "similar" || !uuids_.contains(uuid)) continue;  // most point at other galaxies
      Fact fact = draft;
      fact.relation = Relation::kSameAs;
      fact.confidence = Likelihood(other);
      sink_.AddValue(std::move(fact), EntityType::kActor, fmt::format("misp.{}", uuid),
                     fmt::format("{}/related/{}", pointer, at));
    }
  }

  simdjson::dom::element root_;
  FactSink sink_;
  std::unordered_set<std::string_view> uuids_;
};

}  // namespace

bool SniffMispGalaxy(ByteView head) {
  const std::string_view text = head.text();
  if (!LooksLikeJson(text)) return false;
  // Keys are sorted in these files, so that "type" stands behind megabytes of values: the first entries decide.
  return HeadHasMember(text, "type", "threat-actor") || HeadHasMember(text, "category", "actor") ||
         (HeadHasMember(text, "name", "Threat Actor") && HeadHasMember(text, "values", ""));
}

Result<KnowledgeImport> ImportMispGalaxy(ByteView bytes) {
  TRY_ASSIGN(const JsonDocument document, JsonDocument::Parse(bytes));
  return Import(document.root()).Run();
}

}  // namespace ascribe
