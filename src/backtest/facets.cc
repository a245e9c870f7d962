#include "backtest/facets.h"

#include <algorithm>

#include "base/text.h"
#include "ingest/host_names.h"

namespace ascribe::backtest {
namespace {

constexpr std::size_t kPieceLength = 4;
constexpr std::size_t kLongestName = 24;

bool IsIpv4(std::string_view text) {
  return std::count(text.begin(), text.end(), '.') == 3 && text.find_first_not_of("0123456789.") == text.npos;
}

// The host of "host[:port][/path]", the form urls have in the corpus; a scheme is tolerated.
std::string_view HostOf(std::string_view url) {
  if (const std::size_t scheme = url.find("://"); scheme != url.npos) url.remove_prefix(scheme + 3);
  return url.substr(0, url.find_first_of("/?#:"));
}

std::string_view PathOf(std::string_view url) {
  if (const std::size_t scheme = url.find("://"); scheme != url.npos) url.remove_prefix(scheme + 3);
  const std::size_t slash = url.find('/');
  return slash == url.npos ? std::string_view() : url.substr(slash);
}

}  // namespace

std::string_view TrackName(Track track) {
  switch (track) {
    case Track::kCore:
      return "core";
    case Track::kAttack:
      return "attack";
    case Track::kMaltrail:
      return "maltrail";
  }
  return "";
}

std::string ToolName(std::string_view name) {
  std::string plain;
  for (const char c : AsciiLower(name))
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) plain += c;
  if (plain.size() > 5 && plain.ends_with("rat")) plain.resize(plain.size() - 3);
  return plain;
}

std::string RegisteredName(std::string_view host, const PublicSuffixes& suffixes) {
  // The longest suffix wins: walk from the left.
  std::size_t previous = std::string_view::npos;
  for (std::size_t at = 0; at < host.size();) {
    if (suffixes.find(host.substr(at)) != suffixes.end())
      return previous == std::string_view::npos ? std::string() : std::string(host.substr(previous));
    const std::size_t dot = host.find('.', at);
    if (dot == std::string_view::npos) break;
    previous = at;
    at = dot + 1;
  }
  return RegistrableDomain(host);
}

bool Items::empty() const {
  return std::all_of(of.begin(), of.end(), [](const auto& numbers) { return numbers.empty(); });
}

std::uint32_t ItemTable::Add(Items& items, Facet facet, std::string text) {
  if (text.empty()) return kNoItem;
  const auto [at, is_new] =
      numbers_[facet].try_emplace(std::move(text), static_cast<std::uint32_t>(texts_[facet].size()));
  if (is_new) texts_[facet].push_back(at->first);
  items.of[facet].push_back(at->second);
  return at->second;
}

void ItemTable::AddHost(Items& items, std::string_view host) {
  if (IsIpv4(host)) {
    const std::uint32_t address = Add(items, kAddress, std::string(host));
    network_of_address_[address] = Add(items, kNetwork, std::string(host.substr(0, host.rfind('.'))));
  } else if (host.find('.') != host.npos) {
    const std::uint32_t number = Add(items, kHost, std::string(host));
    domain_of_host_[number] = AddName(items, RegisteredName(host, suffixes_));
  }
}

std::uint32_t ItemTable::AddName(Items& items, const std::string& name) {
  if (name.empty()) return kNoItem;
  const std::uint32_t domain = Add(items, kDomain, name);
  const std::size_t dot = name.find('.');
  if (dot == std::string::npos) return domain;
  Add(items, kNameEnding, name.substr(dot + 1));
  if (dot <= kLongestName) AddPieces(domain, std::string_view(name).substr(0, dot));
  return domain;
}

void ItemTable::AddPieces(std::uint32_t domain, std::string_view label) {
  const auto [at, is_new] = pieces_of_domain_.try_emplace(domain);
  if (!is_new) return;
  const std::string marked = "^" + std::string(label) + "$";
  for (std::size_t i = 0; i + kPieceLength <= marked.size(); ++i) {
    const auto [piece, unseen] =
        pieces_.try_emplace(marked.substr(i, kPieceLength), static_cast<std::uint32_t>(pieces_.size()));
    if (std::find(at->second.begin(), at->second.end(), piece->second) == at->second.end())
      at->second.push_back(piece->second);
  }
}

Items ItemTable::Take(const Report& report) {
  Items items;
  if (track_ != Track::kAttack) {
    for (const std::string& hash : report.hashes) Add(items, kHash, hash);
    for (const std::string& ip : report.ips) AddHost(items, ip);
    for (const std::string& domain : report.domains) AddHost(items, domain);
    for (const std::string& email : report.emails) Add(items, kHost, email);
    for (const std::string& url : report.urls) {
      AddHost(items, HostOf(url));
      if (PathOf(url).size() > 2) Add(items, kPath, std::string(PathOf(url)));
    }
    for (const std::string& path : report.paths)
      if (path.size() > 2) Add(items, kPath, path);
  }
  if (track_ != Track::kMaltrail)
    for (const std::string& family : report.families) {
      Add(items, kFamily, family);
      Add(items, tools_.count(ToolName(family)) > 0 ? kPublicTool : kOwnFamily, family);
    }
  for (const std::string& technique : report.techniques) Add(items, kTechnique, technique);
  for (auto& numbers : items.of) {
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  }
  for (const std::uint32_t host : items.of[kHost]) {
    const auto at = domain_of_host_.find(host);
    items.host_domain.push_back(at == domain_of_host_.end() ? kNoItem : at->second);
  }
  for (const std::uint32_t address : items.of[kAddress])
    items.address_network.push_back(network_of_address_.at(address));
  for (const std::uint32_t domain : items.of[kDomain]) items.name_pieces.push_back(pieces_of_domain_[domain]);
  return items;
}

}  // namespace ascribe::backtest
