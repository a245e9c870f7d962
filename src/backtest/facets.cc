#include "backtest/facets.h"

#include <algorithm>

#include "base/text.h"
#include "ingest/host_names.h"

namespace ascribe::backtest {
namespace {

constexpr std::size_t kGramLength = 4;
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

void ItemTable::Add(Items& items, Facet facet, std::string text) {
  if (text.empty()) return;
  const auto [at, is_new] =
      numbers_[facet].try_emplace(std::move(text), static_cast<std::uint32_t>(texts_[facet].size()));
  if (is_new) texts_[facet].push_back(at->first);
  items.of[facet].push_back(at->second);
}

void ItemTable::AddHost(Items& items, std::string_view host) {
  if (IsIpv4(host)) {
    Add(items, kAddress, std::string(host));
    Add(items, kNetwork, std::string(host.substr(0, host.rfind('.'))));
  } else if (host.find('.') != host.npos) {
    Add(items, kHost, std::string(host));
    AddName(items, RegisteredName(host, suffixes_));
  }
}

void ItemTable::AddName(Items& items, const std::string& name) {
  if (name.empty()) return;
  Add(items, kDomain, name);
  const std::size_t dot = name.find('.');
  if (dot == std::string::npos) return;
  Add(items, kNameEnding, name.substr(dot + 1));
  // Longer labels are hashes or counters of a hosting service rather than names.
  if (dot > kLongestName) return;
  const std::string label = "^" + name.substr(0, dot) + "$";
  for (std::size_t i = 0; i + kGramLength <= label.size(); ++i) Add(items, kNameGram, label.substr(i, kGramLength));
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
    for (const std::string& family : report.families) Add(items, kFamily, family);
  for (const std::string& technique : report.techniques) Add(items, kTechnique, technique);
  for (auto& numbers : items.of) {
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  }
  return items;
}

}  // namespace ascribe::backtest
