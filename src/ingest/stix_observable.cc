#include "ingest/stix_observable.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "base/json.h"
#include "base/text.h"
#include "ingest/fact_sink.h"

namespace ascribe {
namespace {

// How the text of a property becomes an entity.
enum class How { kPlain, kAddress, kHost, kPathName };

struct Row {
  std::string_view object_type, path;
  EntityType type;
  How how = How::kPlain;
  bool contacted = false;  // the incident talked to it
};

// Paths are compared after Normalize(). One line a property; what is not here is not used.
constexpr Row kRows[] = {
    {"file", "hashes.md5", EntityType::kFileMd5},
    {"file", "hashes.sha1", EntityType::kFileSha1},
    {"file", "hashes.sha256", EntityType::kFileSha256},
    {"file", "name", EntityType::kFileName, How::kPathName},
    {"file", "parent_directory_ref.path", EntityType::kFilePath},
    {"file", "extensions.windows-pebinary-ext.imphash", EntityType::kImphash},
    {"file", "extensions.windows-pebinary-ext.pdb_path", EntityType::kPdbPath},
    {"artifact", "hashes.md5", EntityType::kFileMd5},
    {"artifact", "hashes.sha1", EntityType::kFileSha1},
    {"artifact", "hashes.sha256", EntityType::kFileSha256},
    {"artifact", "url", EntityType::kUrl},
    {"directory", "path", EntityType::kFilePath},
    {"ipv4-addr", "value", EntityType::kIpv4, How::kAddress},
    {"ipv6-addr", "value", EntityType::kIpv6, How::kAddress},
    {"domain-name", "value", EntityType::kDomain},
    {"hostname", "value", EntityType::kDomain, How::kHost},
    {"x-opencti-hostname", "value", EntityType::kDomain, How::kHost},
    {"url", "value", EntityType::kUrl},
    {"email-addr", "value", EntityType::kEmail},
    {"email-message", "from_ref.value", EntityType::kEmail},
    {"email-message", "sender_ref.value", EntityType::kEmail},
    {"mutex", "name", EntityType::kMutex},
    {"process", "name", EntityType::kFileName, How::kPathName},
    {"process", "command_line", EntityType::kString},
    {"process", "image_ref.name", EntityType::kFileName, How::kPathName},
    {"process", "binary_ref.name", EntityType::kFileName, How::kPathName},
    {"process", "image_ref.hashes.md5", EntityType::kFileMd5},
    {"process", "image_ref.hashes.sha1", EntityType::kFileSha1},
    {"process", "image_ref.hashes.sha256", EntityType::kFileSha256},
    {"process", "extensions.windows-service-ext.service_name", EntityType::kService},
    {"windows-registry-key", "key", EntityType::kRegistryKey},
    {"autonomous-system", "number", EntityType::kAsn},
    {"user-account", "account_login", EntityType::kAccount},
    {"user-account", "user_id", EntityType::kAccount},
    {"x509-certificate", "hashes.sha1", EntityType::kTlsCert},
    {"x509-certificate", "hashes.sha256", EntityType::kTlsCert},
    {"network-traffic", "dst_ref.value", EntityType::kDomain, How::kHost, true},
    {"network-traffic", "src_ref.value", EntityType::kDomain, How::kHost},
    {"network-traffic", "extensions.http-request-ext.request_header.user-agent", EntityType::kUserAgent},
    {"network-traffic", "extensions.http-request-ext.request_value", EntityType::kUrlPath},
    {"user-agent", "value", EntityType::kUserAgent},
    {"x-opencti-user-agent", "value", EntityType::kUserAgent},
    {"cryptocurrency-wallet", "value", EntityType::kWallet},
    {"x-opencti-cryptocurrency-wallet", "value", EntityType::kWallet},
};

constexpr std::array<std::string_view, 4> kOtherObservables = {"email-message", "mac-addr", "software", "text"};

// Names of hash algorithms and of HTTP headers are spelled in many ways: lower case, and no hyphen after "hashes.".
std::string Normalize(std::string_view path) {
  std::string out = AsciiLower(path);
  const std::size_t hashes = out.find("hashes.");
  if (hashes == std::string::npos) return out;
  out.erase(std::remove_if(out.begin() + static_cast<std::ptrdiff_t>(hashes), out.end(),
                           [](char c) { return c == '-' || c == '_'; }),
            out.end());
  return out;
}

Result<Entity> Address(EntityType type, std::string_view value) {
  const std::string_view host_bits = type == EntityType::kIpv4 ? "/32" : "/128";
  if (value.ends_with(host_bits)) value.remove_suffix(host_bits.size());
  return MakeEntity(value.find('/') == std::string_view::npos ? type : EntityType::kCidr, value);
}

Result<Entity> Host(std::string_view value) {
  if (auto v4 = MakeEntity(EntityType::kIpv4, value)) return v4;
  if (auto v6 = MakeEntity(EntityType::kIpv6, value)) return v6;
  return MakeEntity(EntityType::kDomain, value);
}

Result<Entity> Make(const Row& row, std::string_view value) {
  switch (row.how) {
    case How::kAddress:
      return Address(row.type, value);
    case How::kHost:
      return Host(value);
    case How::kPathName: {  // some producers put a whole path into `name`
      const bool path = value.find_first_of("\\/") != std::string_view::npos;
      return MakeEntity(path ? EntityType::kFilePath : row.type, value);
    }
    case How::kPlain:
      break;
  }
  // x509 hashes are hex of one case or the other; anything else about them is free text.
  if (row.type == EntityType::kTlsCert) return MakeEntity(row.type, AsciiLower(value));
  return MakeEntity(row.type, value);
}

void Walk(simdjson::dom::element element, const std::string& path, const std::string& pointer, int depth,
          std::vector<StixProperty>& out) {
  constexpr int kMaxDepth = 6;  // extensions.http-request-ext.request_header.User-Agent is 4
  if (depth > kMaxDepth || out.size() >= kMaxObservableProperties) return;
  if (simdjson::dom::object object; element.get(object) == simdjson::SUCCESS) {
    for (const auto& [key, value] : object) {
      const std::string step = path.empty() ? std::string(key) : path + "." + std::string(key);
      Walk(value, step, pointer + JsonPointerStep(key), depth + 1, out);
    }
  } else if (simdjson::dom::array array; element.get(array) == simdjson::SUCCESS) {
    std::size_t index = 0;
    for (const auto& value : array) Walk(value, path, pointer + "/" + std::to_string(index++), depth + 1, out);
  } else if (std::string_view text; element.get(text) == simdjson::SUCCESS) {
    out.push_back({path, pointer, text});
  }
}

}  // namespace

std::optional<Result<StixObservable>> ObservableOf(std::string_view object_type, std::string_view path,
                                                   std::string_view value) {
  const std::string normal = Normalize(path);
  const auto* row = std::find_if(std::begin(kRows), std::end(kRows),
                                 [&](const Row& r) { return r.object_type == object_type && r.path == normal; });
  if (row == std::end(kRows)) return std::nullopt;
  Result<Entity> entity = Make(*row, value);
  if (!entity) return Result<StixObservable>(tl::unexpected(std::move(entity).error()));
  const Relation relation = row->contacted ? Relation::kCommunicatesWith : SeenRelation(entity->type);
  return StixObservable{std::move(*entity), relation};
}

std::vector<StixProperty> PropertiesOf(simdjson::dom::element object) {
  std::vector<StixProperty> out;
  Walk(object, "", "", 0, out);
  return out;
}

bool IsObservableType(std::string_view type) {
  return std::any_of(std::begin(kRows), std::end(kRows), [&](const Row& r) { return r.object_type == type; }) ||
         std::find(kOtherObservables.begin(), kOtherObservables.end(), type) != kOtherObservables.end();
}

}  // namespace ascribe
