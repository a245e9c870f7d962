#include "ingest/program_texts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "binary/crypto_tables.h"
#include "binary/text_runs.h"
#include "ingest/host_names.h"
#include "ingest/indicators.h"

namespace ascribe {
namespace {

using Severity = Diagnostic::Severity;

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Texts that compilers and run-times put into every program.
bool IsRuntimeText(std::string_view text) {
  constexpr std::array<std::string_view, 34> kBeginnings = {
      "!This program cannot", "This program cannot", "GCC: (", "GNU C", "Rust version", "Mingw-w64 runtime", "Mingw runtime",
      "  VirtualProtect failed", "  VirtualQuery failed", "VirtualProtect failed", "VirtualQuery failed", "  Unknown pseudo relocation",
      "Unknown pseudo relocation", "Address %p has no image-section", "Address 0x", "_matherr()", "Argument domain error", "Argument singularity",
      "Overflow range error", "Partial loss of significance", "Total loss of significance", "The result is too small", "%d bit pseudo relocation",
      "libgcj", "_Jv_Register", "__deregister_frame", "__register_frame", "api-ms-", "ext-ms-", ".?AV", ".?AU", ".?AW",
      "Runtime Error!", "Microsoft Visual C++ Runtime"};
  return std::any_of(kBeginnings.begin(), kBeginnings.end(), [&](std::string_view b) { return text.starts_with(b); });
}

// Words rather than bytes that happen to be printable: mostly letters and digits, some letters in a row, not one character over
// and over.
bool LooksWritten(std::string_view text) {
  std::size_t good = 0, run = 0, longest = 0;
  std::set<char> distinct;
  for (char c : text) {
    const bool letter = IsLetter(c);
    if (letter || IsDigit(c) || c == ' ' || c == '_') ++good;
    run = letter ? run + 1 : 0;
    longest = std::max(longest, run);
    distinct.insert(c);
  }
  return longest >= 3 && good * 10 >= text.size() * 6 && distinct.size() >= 5;
}

// "key=value", "key: value", sections of ini files, command lines, folders, registry keys: what somebody set rather than what
// a library says.
bool LooksLikeConfiguration(std::string_view text) {
  std::size_t word = 0;
  while (word < text.size() && (IsLetter(text[word]) || IsDigit(text[word]) || text[word] == '_' || text[word] == '.' || text[word] == '-')) ++word;
  if (word >= 2 && word + 1 < text.size() && (text[word] == '=' || (text[word] == ':' && text[word + 1] == ' '))) return true;
  if (text.size() >= 3 && text.front() == '[' && text.back() == ']' && IsLetter(text[1]) && text.find_first_of("%()<>[", 1) == std::string_view::npos) return true;
  if (text.size() >= 6 && IsLetter(text[0]) && text[1] == ':' && text[2] == '\\' && IsLetter(text[3])) return true;  // a folder
  for (std::string_view form : {"%APPDATA%\\", "%TEMP%\\", "%ProgramData%\\", "%USERPROFILE%\\", "/etc/", "/tmp/", "/var/", "HKEY_", "HKCU\\", "HKLM\\",
                                "SOFTWARE\\", "Software\\", "SYSTEM\\CurrentControlSet"})
    if (text.starts_with(form)) return true;
  for (std::string_view mark : {"cmd.exe", "cmd /c", "powershell", "rundll32", "schtasks", "netsh ", "User-Agent", "Cookie:", "POST /", "GET /", "/bin/sh"})
    if (text.find(mark) != std::string_view::npos) return true;
  return false;
}

bool IsPipe(std::string_view text) {
  const std::string lower = AsciiLower(text);
  for (std::string_view form : {"\\\\.\\pipe\\", "\\\\pipe\\", "\\pipe\\"})
    if (lower.starts_with(form) && text.size() > form.size() + 1) return text.find_first_of("%<>|\"* ") == std::string_view::npos;
  return false;
}

bool IsMutexForm(std::string_view text) {
  for (std::string_view form : {"Global\\", "Local\\"})
    if (text.starts_with(form) && text.size() >= form.size() + 3) return text.find('%') == std::string_view::npos;
  return false;
}

// An address in a configuration has blanks, quotes, a port or a separator about it; a part of a longer word is none.
bool StandsAlone(std::string_view text, const IndicatorHit& hit) {
  const auto ends = [](char c) { return c == ' ' || c == '\t' || c == '"' || c == '\'' || c == ',' || c == ';' || c == '|' || c == '=' || c == ':' || c == '/' || c == '@'; };
  const std::size_t end = hit.offset + hit.length;
  return (hit.offset == 0 || ends(text[hit.offset - 1])) && (end >= text.size() || ends(text[end]));
}
bool HasPort(std::string_view text, const IndicatorHit& hit) {
  const std::size_t end = hit.offset + hit.length;
  return end + 1 < text.size() && text[end] == ':' && IsDigit(text[end + 1]) && (hit.offset == 0 || !IsLetter(text[hit.offset - 1]));
}

void AddUrl(const IndicatorHit& hit, std::string_view text, std::vector<ProgramIndicator>& out) {
  const std::string host = UrlHost(hit.entity.value);
  // A format is filled in later; what stands before it is still a host.
  if (host.empty() || IsFurnitureHost(host) || host.find('%') != std::string::npos || host.find('{') != std::string::npos) return;
  Result<Entity> address = MakeEntity(EntityType::kIpv4, host);
  if (!address && !IsHostName(host, false)) return;
  out.push_back({EntityType::kUrl, hit.entity.value, hit.offset, hit.length});
  const std::size_t at = AsciiLower(text).find(host, hit.offset);
  const std::size_t where = at == std::string::npos || at >= hit.offset + hit.length ? hit.offset : at;
  const std::size_t length = where == hit.offset ? hit.length : host.size();
  if (address) {
    const IndicatorScan scan = FindIndicators(host);
    if (!scan.hits.empty() && !scan.hits.front().reserved) out.push_back({EntityType::kIpv4, host, where, length});
  } else {
    out.push_back({EntityType::kDomain, host, where, length});
  }
}

// A name and where it stands in the file.
struct Placed {
  std::string_view name;
  BinaryRange place;
  bool operator<(const Placed& other) const { return name < other.name; }
  bool operator==(const Placed& other) const { return name == other.name; }
};

class Facts {
 public:
  Facts(const Executable& executable, Entity sample, std::string_view extractor, Reading& out)
      : e_(executable), sample_(std::move(sample)), extractor_(extractor), out_(out) {}

  void Names() {
    std::map<std::pair<bool, std::string>, std::vector<Placed>> by_library;
    for (const BinaryImport& import : e_.imports) {
      by_library[{import.delayed, import.library}].push_back({import.name, import.place});
      names_.insert(AsciiLower(import.name));
      names_.insert(import.library);
    }
    std::size_t single = 0, libraries = 0;
    for (auto& [from, names] : by_library) {
      Sort(names);
      const std::string what = from.first ? "delay import" : "import";
      const std::size_t own = std::min(names.size(), kMaxImportFacts - single);
      for (std::size_t i = 0; i < own; ++i)
        Add(EntityType::kText, fmt::format("{}: {}{}{}", what, from.second, from.second.empty() ? "" : "!", Ellipsize(std::string(names[i].name), 200)),
            names[i].place.offset, names[i].place.size);
      single += own;
      listed_ += own;
      names.erase(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(own));
      if (!names.empty() && libraries++ < kMaxListedLibraries)
        List(fmt::format("{}{}s{}{}", own > 0 ? "more " : "", what, from.second.empty() ? "" : " from ", from.second), names);
    }
    if (libraries > kMaxListedLibraries)
      Note("limit-program-imports", fmt::format("{} imports have facts of their own; those from {} more libraries are listed, from {} they are not", single,
                                                kMaxListedLibraries, libraries - kMaxListedLibraries));
    std::vector<Placed> exports;
    for (const BinaryExport& e : e_.exports) {
      exports.push_back({e.name, e.place});
      names_.insert(AsciiLower(e.name));
    }
    Sort(exports);
    List("exports", exports);
    if (unlisted_ > 0)
      Note("limit-program-names", fmt::format("more than {} imports and exports, {} are in no fact", kMaxProgramNames, unlisted_));
  }

  void Packed() {
    const auto packing = FindPacking(e_);
    if (!packing) return;
    out_.diagnostics.push_back({Severity::kWarning, {}, {Locator::Kind::kByteRange, packing->place.offset, packing->place.size, {}}, "executable-packed",
                                "packed or encrypted, its code is no evidence: " + packing->reason});
    Add(EntityType::kText, "packed or encrypted: " + packing->reason, packing->place.offset, packing->place.size);
  }

  void Remarks() {
    for (const BinaryRemark& remark : e_.remarks) Add(EntityType::kText, remark.text, remark.place.offset, remark.place.size);
  }

  void Texts(std::uint64_t end) {
    const TextRuns found = FindTextRuns(e_, end);
    if (found.cut) Note("limit-program-texts", fmt::format("more than {} texts, the rest is not read", kMaxTextRuns));
    std::vector<const TextRun*> plain, configuration;
    for (const TextRun& run : found.runs) {
      const std::string_view text = Trim(run.text);
      if (text.size() < kMinTextRun || names_.count(AsciiLower(text)) > 0 || IsRuntimeText(run.text)) continue;
      Indicators(run);
      if (text.size() < kMinProgramString || !LooksWritten(text)) continue;
      if (!seen_.insert(std::string(text)).second) continue;
      (LooksLikeConfiguration(text) ? configuration : plain).push_back(&run);
    }
    const std::size_t all = plain.size() + configuration.size(), marked = configuration.size();
    configuration.insert(configuration.end(), plain.begin(), plain.end());
    if (all > kMaxProgramStrings) {
      configuration.resize(kMaxProgramStrings);
      Note("limit-program-strings", fmt::format("{} texts, {} of them are facts: those that look like configuration, then by place", all,
                                                kMaxProgramStrings));
    }
    for (std::size_t i = 0; i < configuration.size(); ++i) {
      const TextRun& run = *configuration[i];
      const std::string note = fmt::format("{}{}{}", i < marked ? kLikeConfiguration : "", i < marked && run.wide ? ", " : "", run.wide ? "UTF-16" : "");
      Add(EntityType::kString, Trim(run.text), run.offset, run.length, note, run.address);
    }
    if (cut_)
      Note("limit-program-indicators", fmt::format("more than {} hosts, addresses and names inside, the rest is left out", kMaxProgramIndicators));
  }

  void Crypto(std::uint64_t end) {
    const auto bytes = e_.file.Slice(0, std::min<std::uint64_t>(end, e_.file.size()));
    for (const CryptoFind& find : FindCrypto(*bytes)) {
      switch (find.kind) {
        case CryptoFind::Kind::kAlgorithm:
          Add(EntityType::kText, "constants: " + find.name, find.offset, find.length);
          break;
        case CryptoFind::Kind::kAlphabet:
          Add(EntityType::kDataTable, "alphabet-" + find.name, find.offset, find.length, "64 characters in no usual order");
          break;
        case CryptoFind::Kind::kKey:
          Add(EntityType::kCryptoKey, find.name, find.offset, find.length, "the key inside the file, by the hash of its bytes");
          break;
      }
    }
  }

 private:
  void Note(std::string code, std::string text) { out_.diagnostics.push_back({Severity::kInfo, {}, {}, std::move(code), std::move(text)}); }

  void Add(EntityType type, std::string_view value, std::uint64_t offset, std::uint64_t length, std::string_view note = {},
           std::uint64_t address = 0) {
    Result<Entity> object = MakeEntity(type, value);
    if (!object) return;  // not of that form after all
    if (!made_.insert(*object).second) return;
    Fact fact;
    fact.subject = sample_;
    fact.relation = Relation::kContains;
    fact.object = std::move(*object);
    if (length > 0) fact.locator = {Locator::Kind::kByteRange, offset, length, {}};
    fact.extractor = std::string(extractor_);
    fact.verification = Verification::kMeasured;
    fact.note = note;
    if (address == 0 && length > 0) address = AddressOf(offset);
    if (address != 0) fact.note += fmt::format("{}at address 0x{:x}", fact.note.empty() ? "" : ", ", address);
    out_.facts.push_back(std::move(fact));
  }

  [[nodiscard]] std::uint64_t AddressOf(std::uint64_t offset) const {
    for (const BinarySection& s : e_.sections)
      if (offset >= s.offset && offset - s.offset < s.bytes.size()) return s.address + (offset - s.offset);
    return 0;
  }

  static void Sort(std::vector<Placed>& names) {
    std::stable_sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
  }

  // One fact for each kMaxListedNames names, with the bytes from the first of them in the file to the last.
  void List(const std::string& what, const std::vector<Placed>& names) {
    const std::size_t told = std::min(names.size(), kMaxProgramNames - listed_);
    listed_ += told;
    unlisted_ += names.size() - told;
    for (std::size_t first = 0; first < told; first += kMaxListedNames) {
      const std::size_t last = std::min(first + kMaxListedNames, told);
      std::string text = what + (names.size() > kMaxListedNames ? fmt::format(", {} to {} of {}: ", first + 1, last, names.size()) : ": ");
      std::uint64_t begin = e_.file.size(), end = 0;
      for (std::size_t i = first; i < last; ++i) {
        text += (i == first ? "" : ", ") + Ellipsize(std::string(names[i].name), 200);
        if (names[i].place.size == 0) continue;
        begin = std::min(begin, names[i].place.offset);
        end = std::max(end, names[i].place.offset + names[i].place.size);
      }
      Add(EntityType::kText, text, begin, end > begin ? end - begin : 0);
    }
  }

  bool Room() {
    cut_ = cut_ || indicators_ >= kMaxProgramIndicators;
    if (!cut_) ++indicators_;
    return !cut_;
  }

  void Indicator(EntityType type, std::string_view value, const TextRun& run, std::size_t at, std::size_t length) {
    if (!Room()) return;
    const std::uint64_t width = run.wide ? 2 : 1;
    Add(type, value, run.offset + at * width, length * width, run.wide ? "UTF-16" : "", run.address == 0 ? 0 : run.address + at * width);
  }

  void Indicators(const TextRun& run) {
    for (const ProgramIndicator& found : FindProgramIndicators(run.text)) Indicator(found.type, found.value, run, found.offset, found.length);
  }

  const Executable& e_;
  Entity sample_;
  std::string_view extractor_;
  Reading& out_;
  std::set<std::string> names_;  // of imports and exports, lower case
  std::set<std::string> seen_;
  std::set<Entity> made_;
  std::size_t indicators_ = 0, listed_ = 0, unlisted_ = 0;
  bool cut_ = false;
};

}  // namespace

bool IsFurnitureHost(std::string_view host) {
  // By registrable domain, ascending.
  static const std::set<std::string, std::less<>> kFurniture = {
      "adobe.com", "amd.com", "apache.org", "apple.com", "boost.org", "certum.pl", "chromium.org", "cmake.org", "comodo.net", "comodoca.com",
      "curl.se", "debian.org", "digicert.com", "electronjs.org", "entrust.net", "example.com", "example.net", "example.org", "freedesktop.org",
      "geotrust.com", "github.com", "gitlab.com", "globalsign.com", "globalsign.net", "gnome.org", "gnu.org", "go.dev", "godaddy.com", "golang.org",
      "google.com", "googleapis.com", "gstatic.com", "haxx.se", "iana.org", "identrust.com", "ietf.org", "ijg.org", "intel.com", "iso.org",
      "java.com", "kernel.org", "launchpad.net", "lencr.org", "letsencrypt.org", "libpng.org", "libssh2.org", "libtiff.org", "libuv.org",
      "live.com", "llvm.org", "microsoft.com", "mingw.org", "mozilla.org", "msdn.com", "nodejs.org", "npmjs.org", "nvidia.com", "office.com",
      "openssl.org", "openxmlformats.org", "oracle.com", "ossec.net", "pcre.org", "purl.org", "python.org", "qt.io", "quovadisglobal.com",
      "rust-lang.org", "sectigo.com", "sourceforge.net", "sourceware.org", "sqlite.org", "ssl.com", "starfieldtech.com", "startssl.com", "sun.com",
      "symantec.com", "symauth.com", "symcb.com", "symcd.com", "thawte.com", "ubuntu.com", "unicode.org", "usertrust.com", "verisign.com",
      "visualstudio.com", "w3.org", "wikipedia.org", "windows.com", "windowsupdate.com", "winehq.org", "ws-i.org", "xml.org",
      "xmlsoap.org", "zlib.net"};
  return kFurniture.count(RegistrableDomain(host)) > 0;
}

bool LooksLikeVersion(std::string_view ipv4) {
  const std::vector<std::string_view> parts = Split(ipv4, '.');
  if (parts.size() != 4) return false;
  if (parts[1] == "0" && parts[2] == "0") return true;
  return std::all_of(parts.begin(), parts.end(), [](std::string_view part) { return part.size() == 1 || (part.size() == 2 && part[0] <= '3'); });
}

std::vector<ProgramIndicator> FindProgramIndicators(std::string_view all) {
  const std::string_view text = Trim(all);
  if (text.empty()) return {};
  const auto begin = static_cast<std::size_t>(text.data() - all.data());
  if (IsMutexForm(text)) return {{EntityType::kMutex, std::string(text), begin, text.size()}};
  if (IsPipe(text)) return {{EntityType::kPipe, std::string(text), begin, text.size()}};
  // Most texts hold none of what an indicator needs.
  if (text.find_first_of(".:\\") == std::string_view::npos) return {};
  std::vector<ProgramIndicator> out;
  for (const IndicatorHit& hit : FindIndicators(all).hits) {
    const bool whole = hit.offset <= begin && hit.offset + hit.length >= begin + text.size();
    bool take = false;
    switch (hit.entity.type) {
      case EntityType::kUrl:
        AddUrl(hit, all, out);
        break;
      case EntityType::kIpv4:
      case EntityType::kIpv6:
        take = !hit.reserved && !LooksLikeVersion(hit.entity.value) && StandsAlone(all, hit);
        break;
      case EntityType::kDomain:
        take = (whole || HasPort(all, hit)) && !IsFurnitureHost(hit.entity.value);
        break;
      case EntityType::kEmail:
        take = whole && !IsFurnitureHost(hit.entity.value.substr(hit.entity.value.find('@') + 1));
        break;
      case EntityType::kRegistryKey:
        take = true;
        break;
      default:  // file names, paths, hashes and technique ids inside a program say nothing about its servers
        break;
    }
    if (take) out.push_back({hit.entity.type, hit.entity.value, hit.offset, hit.length});
  }
  return out;
}

void AddProgramTexts(const Executable& executable, std::uint64_t end, const Entity& sample, std::string_view extractor, Reading& out) {
  Facts facts(executable, sample, extractor, out);
  facts.Names();
  facts.Remarks();
  facts.Packed();
  facts.Texts(end);
  facts.Crypto(end);
}

}  // namespace ascribe
