#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <iterator>
#include <set>
#include <string>
#include <utility>

#include "base/io.h"
#include "base/text.h"
#include "model/software_name.h"
#include "store/tables.h"
#include "store/tsv.h"

namespace ascribe {
namespace {

constexpr std::uint64_t kMaxTableBytes = std::uint64_t{64} << 20;
// Space that anybody can rent, but that one party holds at a time.
constexpr std::array<std::string_view, 2> kRented = {"cloud", "datacenter"};

bool ParseAddress(std::string_view text, std::array<std::uint8_t, 16>& out, bool& v4) {
  std::array<char, INET6_ADDRSTRLEN + 1> buffer{};
  if (text.size() >= buffer.size()) return false;
  std::memcpy(buffer.data(), text.data(), text.size());
  v4 = text.find(':') == std::string_view::npos;
  if (!v4) return inet_pton(AF_INET6, buffer.data(), out.data()) == 1;
  out.fill(0);
  out[10] = out[11] = 0xFF;
  return inet_pton(AF_INET, buffer.data(), out.data() + 12) == 1;
}

void Mask(std::array<std::uint8_t, 16>& address, unsigned length) {
  const std::size_t whole = length / 8;
  if (whole >= address.size()) return;
  address[whole] = static_cast<std::uint8_t>(address[whole] & ~(0xFFu >> (length % 8)));
  std::fill(address.begin() + static_cast<std::ptrdiff_t>(whole) + 1, address.end(), std::uint8_t{0});
}

// Address and prefix length in the 128-bit form; a single address is its own range.
bool ParseRange(std::string_view text, std::array<std::uint8_t, 16>& first, std::uint8_t& length) {
  const std::size_t slash = text.find('/');
  bool v4 = false;
  if (!ParseAddress(text.substr(0, slash), first, v4)) return false;
  unsigned bits = v4 ? 32 : 128;
  if (slash != std::string_view::npos) {
    const char* end = text.data() + text.size();
    const unsigned most = bits;
    const auto parsed = std::from_chars(text.data() + slash + 1, end, bits);
    if (parsed.ec != std::errc() || parsed.ptr != end || bits > most) return false;
  }
  length = static_cast<std::uint8_t>(v4 ? bits + 96 : bits);
  Mask(first, length);
  return true;
}

// The host of a URL or of an e-mail address.
std::string_view HostOf(const Entity& entity) {
  std::string_view text = entity.value;
  if (entity.type == EntityType::kEmail) return text.substr(text.find('@') + 1);
  const std::size_t scheme = text.find("://");
  if (scheme == std::string_view::npos) return {};
  text.remove_prefix(scheme + 3);
  text = text.substr(0, text.find_first_of("/?#"));
  if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) text.remove_prefix(at + 1);
  if (text.starts_with('[')) return text.substr(1, text.find(']') - 1);
  return text.substr(0, text.find(':'));
}

std::string_view ClassOfFile(const std::string& name, std::string_view prefix) {
  std::string_view cls = name;
  cls.remove_prefix(prefix.size());
  cls.remove_suffix(std::string_view(".tsv").size());
  return cls;
}

}  // namespace

Result<Hygiene> Hygiene::Load(const std::filesystem::path& folder) {
  Hygiene hygiene;
  TRY(hygiene.Read(folder));
  return hygiene;
}

std::uint8_t Hygiene::ClassIndex(std::string_view name) {
  const auto found = std::find(classes_.begin(), classes_.end(), name);
  if (found == classes_.end()) classes_.emplace_back(name);
  return static_cast<std::uint8_t>(std::distance(classes_.begin(), std::find(classes_.begin(), classes_.end(), name)));
}

Status Hygiene::Read(const std::filesystem::path& folder) {
  TRY_ASSIGN(const FileList files, ListFiles(folder, 1000));
  const auto read = [&](const FileEntry& file) -> Result<std::string_view> {
    TRY_ASSIGN(std::string text, ReadTextFile(file.path, kMaxTableBytes));
    texts_.push_back(std::make_unique<std::string>(std::move(text)));
    return std::string_view(*texts_.back());
  };
  std::set<std::string> missing = {"hygiene-hashes.tsv", "software.tsv", "attack-objects.tsv"};
  for (const FileEntry& file : files.files) {
    const std::string& name = file.relative;
    if (!name.ends_with(".tsv")) continue;
    const bool domains = name.starts_with("hygiene-domains-");
    const bool ranges = name.starts_with("hygiene-ranges-");
    if (missing.erase(name) == 0 && !domains && !ranges) continue;
    TRY_ASSIGN(const std::string_view text, read(file));
    if (classes_.size() > 200) return Fail(ErrorCode::kLimitExceeded, "more than 200 hygiene classes");
    if (ranges) {
      TRY(ReadRanges(text, ClassIndex(ClassOfFile(name, "hygiene-ranges-")), name));
    } else if (domains) {
      const std::uint8_t cls = ClassIndex(ClassOfFile(name, "hygiene-domains-"));
      TRY(ForEachTsvRow<1>(text, name, [&](const auto& c) {
        const bool below = c[0].starts_with('.');
        domains_.push_back({c[0].substr(below ? 1 : 0), cls, below});
        return c[0].size() > 1;
      }));
    } else if (name == "hygiene-hashes.tsv") {
      TRY(ForEachTsvRow<2>(text, name, [&](const auto& c) {
        hashes_.push_back({c[0], ClassIndex(c[1]), false});
        return true;
      }));
    } else if (name == "software.tsv") {
      TRY(ForEachTsvRow<4>(text, name, [&](const auto& c) {
        software_.push_back({std::string(c[0]), ClassIndex(c[1]), TsvDate(c[2])});
        return !c[0].empty();
      }));
    } else {
      const std::uint8_t dual_use = ClassIndex("dual-use-tool");
      TRY(ForEachTsvRow<10>(text, name, [&](const auto& c) {
        if (c[1] == "tool") software_.push_back({SoftwareSlug(c[2]), dual_use, std::nullopt});
        return true;
      }));
    }
  }
  if (!missing.empty())
    return Fail(ErrorCode::kNotFound, fmt::format("{} is missing in {}", *missing.begin(), folder.string()));
  std::sort(ranges_.begin(), ranges_.end());
  std::sort(domains_.begin(), domains_.end());
  std::sort(hashes_.begin(), hashes_.end());
  // The hand-made line (with a date) comes before the ATT&CK one of the same name.
  std::sort(software_.begin(), software_.end(), [](const Software& a, const Software& b) {
    return a.name != b.name ? a.name < b.name : a.public_since.has_value() > b.public_since.has_value();
  });
  return {};
}

Status Hygiene::ReadRanges(std::string_view text, std::uint8_t hygiene, std::string_view file) {
  return ForEachTsvRow<1>(text, file, [&](const auto& c) {
    Range range;
    if (!ParseRange(c[0], range.first, range.length)) return false;
    range.hygiene = hygiene;
    lengths_[range.length] = true;
    ranges_.push_back(range);
    return true;
  });
}

std::optional<Hygiene::Hit> Hygiene::LookupRange(std::string_view address) const {
  Range key;
  std::uint8_t length = 0;
  if (!ParseRange(address, key.first, length)) return std::nullopt;
  for (int bits = length; bits >= 0; --bits) {
    if (!lengths_[static_cast<std::size_t>(bits)]) continue;
    key.length = static_cast<std::uint8_t>(bits);
    Mask(key.first, key.length);  // only ever shorter: masking what is masked already
    const auto found = std::lower_bound(ranges_.begin(), ranges_.end(), key);
    if (found != ranges_.end() && found->first == key.first && found->length == key.length)
      return Hit{found->hygiene, true};
  }
  return std::nullopt;
}

std::optional<Hygiene::Hit> Hygiene::LookupDomain(std::string_view domain) const {
  bool exact = true;
  for (;;) {
    const auto found = std::lower_bound(domains_.begin(), domains_.end(), Value{domain, 0, false});
    if (found != domains_.end() && found->text == domain && (exact || found->below)) return Hit{found->hygiene, exact};
    const std::size_t dot = domain.find('.');
    if (dot == std::string_view::npos) return std::nullopt;
    // www.example.com is the site itself
    const bool www = domain.substr(0, dot) == "www";
    domain.remove_prefix(dot + 1);
    exact = exact && www;
  }
}

const Hygiene::Software* Hygiene::FindSoftware(std::string_view name) const {
  const auto found = std::lower_bound(software_.begin(), software_.end(), name,
                                      [](const Software& s, std::string_view key) { return s.name < key; });
  return found == software_.end() || found->name != name ? nullptr : &*found;
}

std::optional<Hygiene::Hit> Hygiene::Lookup(const Entity& entity) const {
  switch (entity.type) {
    case EntityType::kIpv4:
    case EntityType::kIpv6:
    case EntityType::kCidr:
      return LookupRange(entity.value);
    case EntityType::kDomain:
      return LookupDomain(entity.value);
    case EntityType::kUrl:
    case EntityType::kEmail: {
      const std::string_view host = HostOf(entity);
      std::optional<Hit> hit = LookupRange(host);
      if (!hit) hit = LookupDomain(host);
      if (hit) hit->exact = false;  // the path and the mailbox are somebody's own
      return hit;
    }
    case EntityType::kFileMd5:
    case EntityType::kFileSha1:
    case EntityType::kFileSha256: {
      const auto found = std::lower_bound(hashes_.begin(), hashes_.end(), Value{entity.value, 0, false});
      if (found == hashes_.end() || found->text != entity.value) return std::nullopt;
      return Hit{found->hygiene, true};
    }
    case EntityType::kMalware:
    case EntityType::kTool: {
      const Software* software = FindSoftware(SoftwareSlug(entity.value));
      if (software == nullptr) return std::nullopt;
      return Hit{software->hygiene, true};
    }
    default:
      return std::nullopt;
  }
}

std::optional<std::string_view> Hygiene::ClassOf(const Entity& entity) const {
  const std::optional<Hit> hit = Lookup(entity);
  if (!hit) return std::nullopt;
  return std::string_view(classes_[hit->hygiene]);
}

bool Hygiene::IsShared(const Entity& entity) const {
  const std::optional<Hit> hit = Lookup(entity);
  if (!hit || !hit->exact) return false;
  return std::find(kRented.begin(), kRented.end(), classes_[hit->hygiene]) == kRented.end();
}

std::optional<Date> Hygiene::PublicSince(const Entity& software) const {
  if (software.type != EntityType::kMalware && software.type != EntityType::kTool) return std::nullopt;
  const Software* found = FindSoftware(SoftwareSlug(software.value));
  return found == nullptr ? std::nullopt : found->public_since;
}

std::size_t Hygiene::size() const { return ranges_.size() + domains_.size() + hashes_.size() + software_.size(); }

}  // namespace ascribe
