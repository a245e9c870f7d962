#include "ingest/misp_attribute.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "base/text.h"
#include "ingest/fact_sink.h"

namespace ascribe {
namespace {

using enum EntityType;

enum class Seen { kByType, kContacted };
struct Row {
  std::string_view misp;
  EntityType type;
  Seen seen = Seen::kByType;
};

// Simple types, and the halves of composite ones ("a|b").
constexpr Row kRows[] = {
    {"md5", kFileMd5},
    {"sha1", kFileSha1},
    {"sha256", kFileSha256},
    {"filename", kFileName},
    {"imphash", kImphash},
    {"authentihash", kString},
    {"ip-src", kIpv4},
    {"ip-dst", kIpv4, Seen::kContacted},
    {"ip", kIpv4},
    {"domain", kDomain},
    {"hostname", kDomain},
    {"url", kUrl},
    {"link-c2", kUrl, Seen::kContacted},
    {"uri", kUrlPath},
    {"email", kEmail},
    {"email-src", kEmail},
    {"email-dst", kEmail},
    {"email-reply-to", kEmail},
    {"mutex", kMutex},
    {"named pipe", kPipe},
    {"windows-service-name", kService},
    {"pdb", kPdbPath},
    {"regkey", kRegistryKey},
    {"user-agent", kUserAgent},
    {"AS", kAsn},
    {"btc", kWallet},
    {"xmr", kWallet},
    {"dash", kWallet},
    {"x509-fingerprint-sha1", kTlsCert},
    {"x509-fingerprint-sha256", kTlsCert},
    {"x509-fingerprint-md5", kTlsCert},
    {"github-username", kAccount},
    {"twitter-id", kAccount},
    {"jabber-id", kAccount},
    {"whois-registrant-email", kEmail},
    {"dns-soa-email", kEmail},
    {"pattern-in-file", kString},
    {"windows-scheduled-task", kService},
    {"file-path", kFilePath},
    {"compilation-timestamp", kCompileTime},
    {"fullpath", kFilePath},
};

constexpr std::array<std::string_view, 12> kRules = {"yara",
                                                     "sigma",
                                                     "snort",
                                                     "bro",
                                                     "zeek",
                                                     "suricata",
                                                     "text",
                                                     "comment",
                                                     "other",
                                                     "link",
                                                     "pattern-in-traffic",
                                                     "pattern-in-memory"};

const Row* Find(std::string_view type) {
  const auto* row = std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& r) { return r.misp == type; });
  return row == std::end(kRows) ? nullptr : row;
}

MispPart Part(const Row& row, std::string_view text) {
  EntityType type = row.type;
  if (type == kIpv4 && text.find(':') != std::string_view::npos) type = kIpv6;
  if ((type == kIpv4 || type == kIpv6) && text.find('/') != std::string_view::npos) type = kCidr;
  if (type == kFileName && text.find_first_of("\\/") != std::string_view::npos) type = kFilePath;
  Relation relation = SeenRelation(type);
  if (row.seen == Seen::kContacted && type != kCidr) relation = Relation::kCommunicatesWith;
  return {type, relation, text};
}

}  // namespace

std::vector<MispPart> MispParts(std::string_view type, std::string_view value) {
  std::vector<MispPart> parts;
  const std::size_t type_bar = type.find('|');
  if (type_bar == std::string_view::npos) {
    if (const Row* row = Find(type)) parts.push_back(Part(*row, value));
    return parts;
  }
  const std::size_t bar = value.find('|');
  if (const Row* row = Find(type.substr(0, type_bar))) parts.push_back(Part(*row, value.substr(0, bar)));
  if (bar == std::string_view::npos) return parts;
  // Ports and registry values have no entity of their own.
  if (const Row* row = Find(type.substr(type_bar + 1))) parts.push_back(Part(*row, value.substr(bar + 1)));
  return parts;
}

bool IsMispRule(std::string_view type) { return std::find(kRules.begin(), kRules.end(), type) != kRules.end(); }

}  // namespace ascribe
