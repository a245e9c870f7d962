#include "ingest/indicators.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "ingest/addresses.h"
#include "ingest/host_names.h"
#include "ingest/refang.h"

namespace ascribe {
namespace {

// All expressions work on bytes (Latin-1 mode), because evidence need not be UTF-8. None of them can look far past the
// end of its match, so that scanning a piece is linear.
struct Pattern {
  explicit Pattern(const std::string& text) : re(text, RE2::Latin1) {}
  RE2 re;
};

// Letters beyond ASCII up to U+07FF (Latin, Greek, Cyrillic, Hebrew, Arabic) belong to a host: homoglyphs are the point
// of some attacks. CJK does not: such scripts run on into a host without a blank.
#define HOST_CHAR R"((?:[A-Za-z0-9_-]|[\xC3-\xDF][\x80-\xBF]))"
// One folder of a path: words with blanks only when no word but the last has a dot ("C:\a.exe and b\c" is two things).
#define PATH_PART \
  R"re((?:[^\\/:*?"<>|\x00-\x20\x7f.`]+(?: [^\\/:*?"<>|\x00-\x20\x7f.`]+){0,2} [^\\/:*?"<>|\x00-\x20\x7f`]+|[^\\/:*?"<>|\x00-\x20\x7f`]+))re"
#define FILE_EXTENSIONS                                                                                   \
  "exe|dll|sys|scr|ocx|cpl|drv|efi|bat|cmd|ps1|psm1|vbs|vbe|jse|wsf|wsh|hta|lnk|jar|msi|msp|pif|elf|apk|" \
  "dylib|php|asp|aspx|ashx|asmx|jsp|jspx"

const RE2& Url() {
  static const auto& p = *new Pattern(
      R"re((?i)\b(?:https?|ftps?|tcp|udp|wss?)://(?:\[[0-9a-f:.]{2,45}\])?(?:[!#-&(-;=?-Z_a-z~]|[\xC3-\xDF][\x80-\xBF])+)re");
  return p.re;
}
const RE2& Email() {
  static const auto& p = *new Pattern(R"([A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)");
  return p.re;
}
const RE2& RegistryKey() {
  static const auto& p = *new Pattern(
      R"((?i)\b(?:HKLM|HKCU|HKCR|HKU|HKCC|HKEY_(?:LOCAL_MACHINE|CURRENT_USER|CLASSES_ROOT|USERS|CURRENT_CONFIG))\\{1,2})"
      "(?:" PATH_PART R"(\\{1,2})*)"
      R"re([^\\:*?"<>|\x00-\x20\x7f`]+)re");
  return p.re;
}
const RE2& PdbPath() {
  static const auto& p =
      *new Pattern(R"((?i)\b[A-Z]:\\{1,2}(?:)" PATH_PART R"(\\{1,2})*)"
                   R"re([^\\/:*?"<>|\x00-\x20\x7f`]+(?: [^\\/:*?"<>|\x00-\x20\x7f`]+){0,3}?\.pdb\b)re");
  return p.re;
}
const RE2& FilePath() {
  static const auto& p = *new Pattern(R"((?:\b[A-Za-z]:|%[A-Za-z][A-Za-z0-9_()]*%)\\{1,2}(?:)" PATH_PART R"(\\{1,2})*)"
                                      R"re([^\\/:*?"<>|\x00-\x20\x7f`]+)re");
  return p.re;
}
const RE2& Mutex() {
  static const auto& p = *new Pattern(R"re(\b(?:Global|Local)\\{1,2}[^\x00-\x20\x7f"'`<>|,;()\[\]\\]{2,})re");
  return p.re;
}
const RE2& Hex() {
  static const auto& p = *new Pattern(R"([0-9A-Fa-f]{32,})");
  return p.re;
}
const RE2& Ipv6() {
  static const auto& p = *new Pattern(R"([0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*(?:/[0-9]{1,3})?)");
  return p.re;
}
const RE2& Ipv4() {
  static const auto& p = *new Pattern(R"([0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:/[0-9]{1,2})?)");
  return p.re;
}
const RE2& Technique() {
  static const auto& p = *new Pattern(R"(\bT(?:1[0-9]{3}|08[0-9]{2})(?:\.[0-9]{3})?\b)");
  return p.re;
}
const RE2& Cve() {
  static const auto& p = *new Pattern(R"((?i)\bCVE-[0-9]{4}-[0-9]{4,7}\b)");
  return p.re;
}
const RE2& FileName() {
  static const auto& p =
      *new Pattern(R"((?:[A-Za-z0-9_$~!#&+@.-]|[\xC3-\xDF][\x80-\xBF])+\.(?i:)" FILE_EXTENSIONS R"()\b)");
  return p.re;
}
const RE2& Host() {
  static const auto& p = *new Pattern(HOST_CHAR R"(+(?:\.)" HOST_CHAR "+)+");
  return p.re;
}

bool IsWord(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Sentence punctuation and closing brackets that were never opened are not part of what they follow.
std::size_t TrimTail(std::string_view text) {
  constexpr std::string_view kOpen = "([{", kClose = ")]}";
  std::array<std::ptrdiff_t, 3> unopened{};  // closing minus opening brackets in what is left
  for (std::size_t i = 0; i < 3; ++i)
    unopened[i] = std::count(text.begin(), text.end(), kClose[i]) - std::count(text.begin(), text.end(), kOpen[i]);
  std::size_t end = text.size();
  while (end > 0) {
    const char last = text[end - 1];
    if (const std::size_t kind = kClose.find(last); kind != std::string_view::npos) {
      if (unopened[kind]-- <= 0) break;
      --end;
    } else if (std::string_view(".,;:!?'*_").find(last) != std::string_view::npos) {
      --end;
    } else if (end >= 3 && text.substr(end - 3, 2) == "\xE2\x80" && (last == '\x99' || last == '\x9D')) {
      end -= 3;  // typographic closing quotes
    } else {
      break;
    }
  }
  return end;
}

// "D:\\x\\y" in code or JSON samples is D:\x\y.
std::string SingleBackslashes(std::string_view path) {
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    out += path[i];
    if (path[i] == '\\' && i + 1 < path.size() && path[i + 1] == '\\') ++i;
  }
  return out;
}

// Scans one line; kinds that swallow others come first, and what a kind has looked at is closed to the later ones.
class LineScan {
 public:
  LineScan(const Refanged& line, std::size_t base, IndicatorScan& out)
      : line_(line), text_(line.text()), base_(base), out_(out), taken_(text_.size(), false) {}

  void Run() {
    const bool slash = text_.find('\\') != std::string_view::npos;
    const bool dot = text_.find('.') != std::string_view::npos;
    const bool colon = text_.find(':') != std::string_view::npos;
    if (colon) Each(Url(), [this](std::size_t b, std::size_t e) { OnUrl(b, e); });
    if (dot && text_.find('@') != std::string_view::npos)
      Each(Email(), [this](std::size_t b, std::size_t e) { OnEmail(b, e); });
    if (slash) {
      Each(RegistryKey(), [this](std::size_t b, std::size_t e) { OnRegistryKey(b, e); });
      Each(PdbPath(), [this](std::size_t b, std::size_t e) { OnPath(EntityType::kPdbPath, b, e); });
      Each(FilePath(), [this](std::size_t b, std::size_t e) { OnPath(EntityType::kFilePath, b, e); });
      Each(Mutex(), [this](std::size_t b, std::size_t e) { OnMutex(b, e); });
    }
    Each(Hex(), [this](std::size_t b, std::size_t e) { OnHash(b, e); });
    if (colon) Each(Ipv6(), [this](std::size_t b, std::size_t e) { OnIpv6(b, e); });
    if (dot) Each(Ipv4(), [this](std::size_t b, std::size_t e) { OnIpv4(b, e); });
    Each(Cve(), [this](std::size_t b, std::size_t e) { OnCve(b, e); });
    Each(Technique(), [this](std::size_t b, std::size_t e) { OnTechnique(b, e); });
    if (dot) {
      Each(FileName(), [this](std::size_t b, std::size_t e) { OnFileName(b, e); });
      Each(Host(), [this](std::size_t b, std::size_t e) { OnHost(b, e); });
    }
  }

 private:
  template <typename Fn>
  void Each(const RE2& re, Fn fn) {
    const re2::StringPiece input(text_.data(), text_.size());
    re2::StringPiece match;
    for (std::size_t at = 0; at < text_.size() && re.Match(input, at, text_.size(), RE2::UNANCHORED, &match, 1);) {
      const auto begin = static_cast<std::size_t>(match.data() - text_.data());
      at = begin + std::max<std::size_t>(match.size(), 1);
      if (std::none_of(taken_.begin() + Diff(begin), taken_.begin() + Diff(at), [](bool t) { return t; }))
        fn(begin, at);
    }
  }
  static std::ptrdiff_t Diff(std::size_t n) { return static_cast<std::ptrdiff_t>(n); }
  [[nodiscard]] char Prev(std::size_t begin) const { return begin > 0 ? text_[begin - 1] : ' '; }
  [[nodiscard]] char Next(std::size_t end) const { return end < text_.size() ? text_[end] : ' '; }
  [[nodiscard]] std::string_view Part(std::size_t begin, std::size_t end) const {
    return text_.substr(begin, end - begin);
  }
  void Take(std::size_t begin, std::size_t end) {
    std::fill(taken_.begin() + Diff(begin), taken_.begin() + Diff(end), true);
  }

  bool Emit(EntityType type, std::size_t begin, std::size_t end, std::string_view value, bool reserved = false) {
    Result<Entity> entity = MakeEntity(type, value);
    if (!entity) return false;
    Take(begin, end);
    const std::size_t from = line_.Begin(begin), to = line_.End(end);
    out_.hits.push_back({base_ + from, to - from, std::move(*entity), line_.Defanged(begin, end), reserved});
    return true;
  }

  void OnUrl(std::size_t begin, std::size_t end) {
    end = begin + TrimTail(Part(begin, end));
    const std::string_view url = Part(begin, end);
    const std::string host = UrlHost(url);
    Take(begin, end);  // even when it is none: what is inside "http://localhost/x.exe" is no indicator either
    if (host == "attack.mitre.org") {
      constexpr std::string_view kPath = "/techniques/T";
      const std::size_t id = url.find(kPath);
      if (id == std::string_view::npos) return;
      std::string technique = std::string(url.substr(id + kPath.size() - 1, 9));
      if (technique.size() > 5) technique[5] = '.';
      if (technique.size() != 9 || !IsDigit(technique[6]) || !IsDigit(technique[8]))
        technique.resize(std::min<std::size_t>(technique.size(), 5));
      Emit(EntityType::kTechnique, begin, end, technique);
      return;
    }
    if (MakeEntity(EntityType::kIpv4, host) || MakeEntity(EntityType::kIpv6, host)) {
      Emit(EntityType::kUrl, begin, end, url, IsReservedAddress(host));
    } else if (IsHostName(host, true)) {
      Emit(EntityType::kUrl, begin, end, url);
    }
  }

  void OnEmail(std::size_t begin, std::size_t end) {
    while (begin < end && (text_[begin] == '.' || text_[begin] == '-')) ++begin;
    const std::string_view address = Part(begin, end);
    const std::string_view host = address.substr(address.find('@') + 1);
    if (IsHostName(host, line_.Defanged(begin, end)) || IsKnownTld(host.substr(host.rfind('.') + 1)))
      Emit(EntityType::kEmail, begin, end, address);
  }

  void OnPath(EntityType type, std::size_t begin, std::size_t end) {
    end = begin + TrimTail(Part(begin, end));
    const std::string path = SingleBackslashes(Part(begin, end));
    if (path.find('\\') == std::string::npos || path.back() == '\\') return;
    if (type == EntityType::kFilePath && (Prev(begin) == '\\' || Prev(begin) == '/')) return;
    Emit(type, begin, end, path);
  }

  // Key names have blanks, so "…\Run and HKLM\…" is one match: the first key then ends at its first blank.
  void OnRegistryKey(std::size_t begin, std::size_t end) {
    for (std::size_t next = NextHive(begin, end); next < end; next = NextHive(begin, end)) {
      OnPath(EntityType::kRegistryKey, begin, text_.find(' ', text_.rfind('\\', next)));
      begin = next;
    }
    OnPath(EntityType::kRegistryKey, begin, end);
  }
  [[nodiscard]] std::size_t NextHive(std::size_t begin, std::size_t end) const {
    for (std::size_t at = text_.find(" HK", begin); at < end; at = text_.find(" HK", at + 1))
      for (std::string_view hive : {"HKLM\\", "HKCU\\", "HKCR\\", "HKU\\", "HKCC\\", "HKEY_"})
        if (text_.substr(at + 1).starts_with(hive)) return at + 1;
    return end;
  }

  void OnMutex(std::size_t begin, std::size_t end) {
    end = begin + TrimTail(Part(begin, end));
    if (Prev(begin) == '\\' || Prev(begin) == '-' || Next(end) == '\\') return;
    const std::string name = SingleBackslashes(Part(begin, end));
    const std::string tail = AsciiLower(name.substr(name.find('\\') + 1));
    for (std::string_view folder : {"temp", "microsoft", "packages", "programs", "settings"})
      if (tail == folder) return;  // %LOCALAPPDATA% written out: a folder
    if (tail.size() >= 2) Emit(EntityType::kMutex, begin, end, name);
  }

  void OnHash(std::size_t begin, std::size_t end) {
    if (IsWord(Prev(begin)) || IsWord(Next(end))) return;
    const std::string hex = AsciiLower(Part(begin, end));
    const EntityType type = hex.size() == 32   ? EntityType::kFileMd5
                            : hex.size() == 40 ? EntityType::kFileSha1
                                               : EntityType::kFileSha256;
    if (hex.size() != 32 && hex.size() != 40 && hex.size() != 64) return;
    if (std::all_of(hex.begin(), hex.end(), IsDigit) || std::count(hex.begin(), hex.end(), hex[0]) == Diff(hex.size()))
      return;
    // The hashes of nothing at all match every report that lists one by mistake.
    for (std::string_view empty : {"d41d8cd98f00b204e9800998ecf8427e", "da39a3ee5e6b4b0d3255bfef95601890afd80709",
                                   "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"})
      if (hex == empty) return;
    Emit(type, begin, end, hex);
  }

  void OnIpv6(std::size_t begin, std::size_t end) {
    if (text_[begin] == ':' && Next(begin + 1) != ':') ++begin;  // "address:2001:db8::1"
    std::string_view text = Part(begin, end);
    while (!text.empty() && (text.back() == '.' || (text.back() == ':' && !text.ends_with("::"))))
      text.remove_suffix(1);
    end = begin + text.size();
    if (IsWord(Prev(begin)) || Prev(begin) == '.' || IsWord(Next(end))) return;
    // Times, MAC addresses and C++ names also have colons; every address of the global internet begins with 2 or 3
    // followed by three more digits, and reserved ones with fc00 to ff00.
    const std::size_t first = text.find(':');
    if (first != 4 && !StartsWithNoCase(text, "::ffff:")) return;
    const std::size_t slash = text.find('/');
    if (!MakeEntity(EntityType::kIpv6, text.substr(0, slash))) return;
    const bool reserved = IsReservedAddress(AsciiLower(text.substr(0, slash)));
    Emit(slash == std::string_view::npos ? EntityType::kIpv6 : EntityType::kCidr, begin, end, text, reserved);
  }

  void OnIpv4(std::size_t begin, std::size_t end) {
    std::string_view text = Part(begin, end);
    const bool defanged = line_.Defanged(begin, end);
    const std::size_t slash = text.find('/');
    if (slash != std::string_view::npos && (IsWord(Next(end)) || (Next(end) == '.' && IsDigit(Next(end + 1))))) {
      end = begin + slash;  // "1.2.3.4/5678" or "1.2.3.4/5.6.7.8": a list, not a range
      text = Part(begin, end);
    }
    const char prev = Prev(begin), next = Next(end);
    if (IsWord(prev) || (prev == '.' && begin > 1 && IsWord(text_[begin - 2]))) return;
    if (IsWord(next) || (next == '.' && IsWord(Next(end + 1)))) return;
    const std::size_t bare = std::min(text.find('/'), text.size());
    const std::string address(text.substr(0, bare));
    if (!MakeEntity(EntityType::kIpv4, address)) return;
    if (!defanged && EndsLikeVersionWord(text_.substr(0, begin))) return;
    if (!defanged && prev == '/' && begin > 1 && IsWord(text_[begin - 2]) && !IsDigit(text_[begin - 2]))
      return;  // Chrome/1.2.3.4
    if (bare < text.size() && Emit(EntityType::kCidr, begin, end, text, IsReservedAddress(address))) return;
    Emit(EntityType::kIpv4, begin, begin + bare, address, IsReservedAddress(address));
  }

  void OnCve(std::size_t begin, std::size_t end) {
    Take(begin, end);
    const std::size_t from = line_.Begin(begin), to = line_.End(end);
    out_.cves.push_back({base_ + from, to - from, AsciiUpper(Part(begin, end))});
  }

  void OnTechnique(std::size_t begin, std::size_t end) {
    if (Prev(begin) == '-' || Prev(begin) == '.' || (Next(end) == '-' && IsWord(Next(end + 1)))) return;
    Emit(EntityType::kTechnique, begin, end, Part(begin, end));
  }

  void OnFileName(std::size_t begin, std::size_t end) {
    while (begin < end && std::string_view(".-+!#&@").find(text_[begin]) != std::string_view::npos) ++begin;
    if (Prev(begin) == '/' && FollowsHost(begin)) return;
    const std::string_view name = Part(begin, end);
    if (name.rfind('.') == std::string_view::npos || name.rfind('.') == 0) return;
    if (IsWord(Next(end)) || Next(end) == '-' || (Next(end) == '.' && IsWord(Next(end + 1)))) return;
    Emit(EntityType::kFileName, begin, end, name);
  }

  // "evil[.]com/a/gate.php": a URL without scheme, of which only the host is an indicator. Looks back 300 bytes: hosts
  // have at most 253.
  [[nodiscard]] bool FollowsHost(std::size_t begin) const {
    const std::string_view before = text_.substr(begin > 300 ? begin - 300 : 0, std::min<std::size_t>(begin, 300));
    const std::size_t blank = before.find_last_of(" \t\"'<>|(");
    const std::string_view token = before.substr(blank == std::string_view::npos ? 0 : blank + 1);
    const std::string_view host = token.substr(0, token.find_first_of("/:"));
    return IsHostName(host, true) && IsKnownTld(host.substr(host.rfind('.') + 1));
  }

  void OnHost(std::size_t begin, std::size_t end) {
    while (begin < end && text_[begin] == '-') ++begin;
    const bool defanged = line_.Defanged(begin, end);
    const char prev = Prev(begin), next = Next(end);
    if (!defanged) {
      const bool network_path = prev == '/' && begin > 1 && text_[begin - 2] == '/';
      if (prev == '@' || prev == '\\' || (prev == '/' && !network_path)) return;
      if (next == '(' || next == '\\' || next == '@' || next == '=') return;
    }
    if (!IsHostName(Part(begin, end), defanged)) return;
    if (!Emit(EntityType::kDomain, begin, end, Part(begin, end))) return;
    // "evil[.]com/gate.php": the rest of a URL without scheme is not a file of its own.
    if (next == '/') Take(end, std::min(text_.find_first_of(" \t\"'<>|", end), text_.size()));
  }

  const Refanged& line_;
  std::string_view text_;
  std::size_t base_;
  IndicatorScan& out_;
  std::vector<bool> taken_;
};

}  // namespace

IndicatorScan FindIndicators(std::string_view text) {
  IndicatorScan scan;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = std::min(text.find_first_of("\n\f", at), text.size());
    std::size_t next = end + 1;
    if (end - at > kMaxIndicatorLine) {
      const std::size_t blank = text.substr(at, kMaxIndicatorLine).find_last_of(" \t,;");
      end = next = at + (blank == std::string_view::npos || blank == 0 ? kMaxIndicatorLine : blank);
    }
    const std::string_view piece = text.substr(at, end - at);
    const std::size_t first_hit = scan.hits.size(), first_cve = scan.cves.size();
    if (piece.size() >= 4) {
      const Refanged line(piece);
      LineScan(line, at, scan).Run();
    }
    std::sort(scan.hits.begin() + static_cast<std::ptrdiff_t>(first_hit), scan.hits.end(),
              [](const IndicatorHit& a, const IndicatorHit& b) { return a.offset < b.offset; });
    if (scan.hits.size() > kMaxIndicatorHits) {
      scan.hits.resize(kMaxIndicatorHits);
      scan.cut = true;
    }
    if (scan.cves.size() > kMaxIndicatorHits) {
      scan.cves.resize(std::max(first_cve, kMaxIndicatorHits));
      scan.cut = true;
    }
    if (scan.cut) break;
    at = next;
  }
  return scan;
}

}  // namespace ascribe
