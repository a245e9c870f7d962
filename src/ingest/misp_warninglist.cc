#include "ingest/misp_warninglist.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "ingest/fact_sink.h"
#include "ingest/stix_graph.h"

namespace ascribe {
namespace {

using simdjson::SUCCESS;

struct WordClass {
  std::string_view word, hygiene;
};
// First match wins: a name may hold several of these words.
constexpr WordClass kWords[] = {
    {"sinkhole", "sinkhole"},
    {"dynamic dns", "dynamic-dns"},
    {"blockpage", "block-page"},
    {"parking", "parking"},
    {"public dns", "public-dns"},
    {"private relay", "relay"},
    {"zscaler", "relay"},
    {"mdca", "relay"},
    {"tor exit", "relay"},
    {"vpn-", "datacenter"},
    {"vpn", "vpn"},
    {"akamai", "cdn"},
    {"cdn", "cdn"},
    {"fastly", "cdn"},
    {"cloudflare ip", "cdn"},
    {"ovh cluster", "shared-hosting"},
    {"amazon aws", "cloud"},
    {"gcp", "cloud"},
    {"azure", "cloud"},
    {"oracle cloud", "cloud"},
    {"rfc 6761", "reserved-domain"},
    {"special-use", "reserved-domain"},
    {"rfc", "reserved-range"},
    {"link local", "reserved-range"},
    {"multicast", "reserved-range"},
    {"shortener", "url-shortener"},
    {"external ip", "address-lookup"},
    {"ipfs", "ipfs-gateway"},
    {"lots", "trusted-site"},
    {"false-positive", "false-positive-hash"},
    {"empty files", "false-positive-hash"},
    {"captive portal", "top-domain"},
    {"top ", "top-domain"},
    {"top500", "top-domain"},
    {"tlds", "tld"},
};

std::optional<EntityType> HashType(std::string_view text) {
  if (text.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos) return std::nullopt;
  if (text.size() == 32) return EntityType::kFileMd5;
  if (text.size() == 40) return EntityType::kFileSha1;
  if (text.size() == 64) return EntityType::kFileSha256;
  return std::nullopt;
}

Result<Entity> ValueOf(std::string_view type, std::string_view text) {
  text = Trim(text);
  if (type == "cidr") {
    for (std::string_view full : {"/32", "/128"})
      if (text.ends_with(full) && (full == "/128") == (text.find(':') != std::string_view::npos))
        text.remove_suffix(full.size());
    if (text.find('/') != std::string_view::npos) return MakeEntity(EntityType::kCidr, text);
    return MakeEntity(text.find(':') == std::string_view::npos ? EntityType::kIpv4 : EntityType::kIpv6, text);
  }
  if (const auto hash = HashType(text)) return MakeEntity(*hash, text);
  while (text.starts_with('.')) text.remove_prefix(1);  // ".example.com" is "and everything below it"
  return MakeEntity(EntityType::kDomain, text.substr(0, text.find('/')));
}

std::string IdOf(std::string_view name) {
  std::string id = "misp-wl-";
  for (char c : AsciiLower(name)) {
    const bool keep = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (keep) {
      id += c;
    } else if (id.back() != '-') {
      id += '-';
    }
    if (id.size() == 64) break;
  }
  while (id.back() == '-') id.pop_back();
  return id;
}

std::optional<Time> DateOfVersion(const std::string& version) {
  if (version.size() != 8) return std::nullopt;
  return ParseTime(version.substr(0, 4) + "-" + version.substr(4, 2) + "-" + version.substr(6));
}

}  // namespace

std::string_view HygieneClassOfList(std::string_view name) {
  const std::string lower = AsciiLower(name);
  for (const WordClass& row : kWords)
    if (lower.find(row.word) != std::string::npos) return row.hygiene;
  return {};
}

bool SniffMispWarninglist(ByteView head) {
  const std::string_view text = head.text();
  // "matching_attributes" may stand behind the list; "description" and "list" come first in the published files.
  return LooksLikeJson(text) && HeadHasMember(text, "list", "") &&
         (HeadHasMember(text, "matching_attributes", "") || HeadHasMember(text, "description", ""));
}

Result<KnowledgeImport> ImportMispWarninglist(ByteView bytes) {
  TRY_ASSIGN(const JsonDocument document, JsonDocument::Parse(bytes));
  const simdjson::dom::element root = document.root();
  simdjson::dom::array list;
  const std::string_view name = JsonText(root, "name");
  if (root["list"].get(list) != SUCCESS || name.empty())
    return Fail(ErrorCode::kInvalidInput, "no warning list: needs name and list");
  const std::string_view hygiene = HygieneClassOfList(name);
  const std::string_view type = JsonText(root, "type");
  if (hygiene.empty() || type == "regex")
    return Fail(ErrorCode::kUnsupported,
                fmt::format("the warning list \"{}\" gives no hygiene class", TerminalSafe(Ellipsize(name, 80))));

  KnowledgeImport out;
  std::int64_t version = 0;
  out.version = root["version"].get(version) == SUCCESS ? std::to_string(version) : "0";
  out.id = IdOf(name);
  out.title = "MISP warning list: " + SanitizeUtf8(Ellipsize(name, 200));
  Source source;
  source.id = source.origin = out.id;
  source.title = out.title;
  source.publisher = "MISP Project";
  source.url = "https://github.com/MISP/misp-warninglists";
  source.published = DateOfVersion(out.version);
  source.grade = {'B', 2};
  out.sources.push_back(std::move(source));

  FactSink sink("misp-warninglist@1");
  Fact draft;
  draft.relation = Relation::kListedAs;
  draft.object = Entity{EntityType::kHygiene, std::string(hygiene)};
  draft.source = out.id;
  ForEachText(root, "list", [&](std::string_view text, std::size_t at) {
    std::string pointer = "/list/" + std::to_string(at);
    Result<Entity> value = ValueOf(type, text);
    if (!value) return sink.Info("bad-value", std::move(pointer), value.error().message);
    Fact fact = draft;
    fact.subject = std::move(*value);
    sink.Add(std::move(fact), std::move(pointer));
  });
  Reading reading = sink.Take();
  out.facts = std::move(reading.facts);
  out.diagnostics = std::move(reading.diagnostics);
  return out;
}

}  // namespace ascribe
