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

// "key=value", "key: value", command lines, formats with several fields: what somebody set rather than what a library says.
bool LooksLikeConfiguration(std::string_view text) {
  std::size_t word = 0;
  while (word < text.size() && (IsLetter(text[word]) || IsDigit(text[word]) || text[word] == '_' || text[word] == '.' || text[word] == '-')) ++word;
  if (word >= 2 && word + 1 < text.size() && (text[word] == '=' || (text[word] == ':' && text[word + 1] == ' '))) return true;
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

class Facts {
 public:
  Facts(const Executable& executable, Entity sample, std::string_view extractor, Reading& out)
      : e_(executable), sample_(std::move(sample)), extractor_(extractor), out_(out) {}

  void Names() {
    std::map<std::string, std::vector<std::string>> by_library;
    for (const BinaryImport& import : e_.imports) {
      by_library[import.library].push_back(import.name);
      names_.insert(AsciiLower(import.name));
      names_.insert(import.library);
    }
    std::size_t listed = 0;
    for (auto& [library, names] : by_library)
      if (listed++ < kMaxListedLibraries) List(fmt::format("imports{}{}", library.empty() ? "" : " from ", library), names);
    if (by_library.size() > kMaxListedLibraries)
      Note("limit-program-imports", fmt::format("imports from {} libraries, the first {} are listed", by_library.size(), kMaxListedLibraries));
    std::vector<std::string> exports;
    for (const BinaryExport& e : e_.exports) {
      exports.push_back(e.name);
      names_.insert(AsciiLower(e.name));
    }
    if (!exports.empty()) List("exports", exports);
  }

  void Texts(std::uint64_t end) {
    const TextRuns found = FindTextRuns(e_, end);
    if (found.cut) Note("limit-program-texts", fmt::format("more than {} texts, the rest is not read", kMaxTextRuns));
    std::vector<const TextRun*> plain, configuration;
    for (const TextRun& run : found.runs) {
      const std::string_view text = Trim(run.text);
      if (text.size() < kMinTextRun || names_.count(AsciiLower(text)) > 0 || IsRuntimeText(run.text)) continue;
      Indicators(run, text);
      if (text.size() < kMinProgramString || !LooksWritten(text)) continue;
      if (!seen_.insert(std::string(text)).second) continue;
      (LooksLikeConfiguration(text) ? configuration : plain).push_back(&run);
    }
    const std::size_t all = plain.size() + configuration.size();
    configuration.insert(configuration.end(), plain.begin(), plain.end());
    if (all > kMaxProgramStrings) {
      configuration.resize(kMaxProgramStrings);
      Note("limit-program-strings", fmt::format("{} texts, {} of them are facts: those that look like configuration, then by place", all,
                                                kMaxProgramStrings));
    }
    for (const TextRun* run : configuration) Add(EntityType::kString, Trim(run->text), run->offset, run->length, run->wide ? "UTF-16" : "", run->address);
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

  void List(const std::string& what, std::vector<std::string> names) {
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    std::string text = what + ": ";
    for (std::size_t i = 0; i < names.size() && i < kMaxListedNames; ++i) text += (i == 0 ? "" : ", ") + Ellipsize(names[i], 200);
    if (names.size() > kMaxListedNames) text += fmt::format(" and {} more", names.size() - kMaxListedNames);
    Add(EntityType::kText, text, 0, 0);
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

  void Indicators(const TextRun& run, std::string_view text) {
    const auto begin = static_cast<std::size_t>(text.data() - run.text.data());
    if (IsMutexForm(text)) return Indicator(EntityType::kMutex, text, run, begin, text.size());
    if (IsPipe(text)) return Indicator(EntityType::kPipe, text, run, begin, text.size());
    // Most texts hold none of what an indicator needs.
    if (text.find_first_of(".:\\") == std::string_view::npos) return;
    for (const IndicatorHit& hit : FindIndicators(run.text).hits) {
      const bool whole = hit.offset <= begin && hit.offset + hit.length >= begin + text.size();
      const auto take = [&](const Entity& entity) { Indicator(entity.type, entity.value, run, hit.offset, hit.length); };
      switch (hit.entity.type) {
        case EntityType::kUrl:
          Url(hit, run);
          break;
        case EntityType::kIpv4:
        case EntityType::kIpv6:
          if (!hit.reserved && !LooksLikeVersion(hit.entity.value) && StandsAlone(run.text, hit)) take(hit.entity);
          break;
        case EntityType::kDomain:
          if ((whole || HasPort(run.text, hit)) && !IsFurnitureHost(hit.entity.value)) take(hit.entity);
          break;
        case EntityType::kEmail:
          if (whole && !IsFurnitureHost(hit.entity.value.substr(hit.entity.value.find('@') + 1))) take(hit.entity);
          break;
        case EntityType::kRegistryKey:
          take(hit.entity);
          break;
        default:  // file names, paths, hashes and technique ids inside a program say nothing about its servers
          break;
      }
    }
  }

  void Url(const IndicatorHit& hit, const TextRun& run) {
    const std::string host = UrlHost(hit.entity.value);
    // A format is filled in later; what stands before it is still a host.
    if (host.empty() || IsFurnitureHost(host) || host.find('%') != std::string::npos || host.find('{') != std::string::npos) return;
    Result<Entity> address = MakeEntity(EntityType::kIpv4, host);
    if (!address && !IsHostName(host, false)) return;
    Indicator(EntityType::kUrl, hit.entity.value, run, hit.offset, hit.length);
    const std::size_t at = AsciiLower(run.text).find(host, hit.offset);
    const std::size_t where = at == std::string::npos || at >= hit.offset + hit.length ? hit.offset : at;
    const std::size_t length = where == hit.offset ? hit.length : host.size();
    if (address) {
      const IndicatorScan scan = FindIndicators(host);
      if (!scan.hits.empty() && !scan.hits.front().reserved) Indicator(EntityType::kIpv4, host, run, where, length);
    } else {
      Indicator(EntityType::kDomain, host, run, where, length);
    }
  }

  // An address in a configuration has blanks, quotes, a port or a separator about it; a part of a longer word is none.
  static bool StandsAlone(std::string_view text, const IndicatorHit& hit) {
    const auto ends = [](char c) { return c == ' ' || c == '\t' || c == '"' || c == '\'' || c == ',' || c == ';' || c == '|' || c == '=' || c == ':' || c == '/' || c == '@'; };
    const std::size_t end = hit.offset + hit.length;
    return (hit.offset == 0 || ends(text[hit.offset - 1])) && (end >= text.size() || ends(text[end]));
  }
  static bool HasPort(std::string_view text, const IndicatorHit& hit) {
    const std::size_t end = hit.offset + hit.length;
    return end + 1 < text.size() && text[end] == ':' && IsDigit(text[end + 1]) && (hit.offset == 0 || !IsLetter(text[hit.offset - 1]));
  }

  const Executable& e_;
  Entity sample_;
  std::string_view extractor_;
  Reading& out_;
  std::set<std::string> names_;  // of imports and exports, lower case
  std::set<std::string> seen_;
  std::set<Entity> made_;
  std::size_t indicators_ = 0;
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

void AddProgramTexts(const Executable& executable, std::uint64_t end, const Entity& sample, std::string_view extractor, Reading& out) {
  Facts facts(executable, sample, extractor, out);
  facts.Names();
  facts.Texts(end);
  facts.Crypto(end);
}

}  // namespace ascribe
