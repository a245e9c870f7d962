#include "ingest/pe.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>

#include "base/sha256.h"
#include "base/text.h"
#include "base/time.h"
#include "binary/executable.h"
#include "binary/pe_build.h"
#include "binary/pe_clr.h"
#include "binary/pe_image.h"
#include "binary/pe_imports.h"
#include "binary/pe_remarks.h"
#include "binary/pe_resources.h"
#include "binary/pe_rich.h"
#include "binary/pe_version.h"
#include "ingest/authenticode.h"
#include "ingest/program_texts.h"

namespace ascribe {
namespace {

using Severity = Diagnostic::Severity;

constexpr std::uint32_t kDebugCodeView = 2, kDebugRepro = 16;
// Delphi writes this into every file, whenever it is built (1992-06-19 22:22:17 UTC).
constexpr std::uint32_t kDelphiStamp = 0x2A425E19;
// The first PE files are those of Windows NT 3.1; stamps beyond 2037 do not fit the C run-time library of their makers.
constexpr std::uint32_t kFirstStamp = 725846400, kLastStamp = 2145916799;  // 1993-01-01, 2037-12-31

class PeFacts {
 public:
  PeFacts(ByteView file, Reading& out) : file_(file), out_(out), sha256_(Sha256Hex(file)) {}

  void Hashes() {
    Add({EntityType::kIncident, "self"}, Relation::kObserved, EntityType::kFileSha256, sha256_, {});
    Add(Sample(), Relation::kObserved, EntityType::kFileSha256, sha256_, {});
    Add(Sample(), Relation::kObserved, EntityType::kFileSha1, Sha1Hex(file_), {});
    Add(Sample(), Relation::kObserved, EntityType::kFileMd5, Md5Hex(file_), {});
  }

  void Image(const PeImage& image) {
    for (const std::string& oddity : image.oddities) Note(Severity::kWarning, "pe-structure", oddity);
    const bool reproducible = Debug(image);
    CompileTime(image, reproducible);
    Add(Sample(), Relation::kContains, EntityType::kLinkerVersion,
        fmt::format("{}.{}", image.linker_major, image.linker_minor), At(image.header_offset + 26, 2));
    if (const auto rich = ReadRichHeader(image)) Rich(image, *rich);
    Clr(image);
    Imports(image);
    Resources(image);
    Tail(image);
    Inside(image);
  }

  void Note(Severity severity, std::string code, std::string text, Locator at = {}) {
    out_.diagnostics.push_back({severity, {}, std::move(at), std::move(code), std::move(text)});
  }

 private:
  [[nodiscard]] Entity Sample() const { return {EntityType::kSample, sha256_}; }
  static Locator At(std::uint64_t offset, std::uint64_t length) {
    return {Locator::Kind::kByteRange, offset, length, {}};
  }

  void Add(Entity subject, Relation relation, EntityType type, std::string_view value, Locator at, std::string note = {}) {
    Result<Entity> object = MakeEntity(type, value);
    if (!object) return Note(Severity::kWarning, "bad-value", object.error().message, std::move(at));
    Fact fact;
    fact.subject = std::move(subject);
    fact.relation = relation;
    fact.object = std::move(*object);
    fact.locator = std::move(at);
    fact.extractor = std::string(kPeExtractor);
    fact.verification = Verification::kMeasured;
    fact.note = std::move(note);
    out_.facts.push_back(std::move(fact));
  }

  void CompileTime(const PeImage& image, bool reproducible) {
    const Locator at = At(std::uint64_t{image.header_offset} + 8, 4);
    const std::uint32_t stamp = image.time_stamp;
    const auto no_fact = [&](std::string_view why) {
      Note(Severity::kInfo, "compile-time", fmt::format("time stamp 0x{:08x} is no compile time: {}", stamp, why), at);
    };
    if (stamp == 0 || stamp == 0xFFFFFFFF) return no_fact("erased");
    if (reproducible) return no_fact("a reproducible build, the stamp is a hash");
    if (stamp == kDelphiStamp) return no_fact("the constant of Delphi");
    if (stamp < kFirstStamp || stamp > kLastStamp) return no_fact("outside 1993 to 2037");
    Add(Sample(), Relation::kContains, EntityType::kCompileTime, Time{stamp, Time::Precision::kSecond}.ToString(), at);
  }

  // PDB paths; true when the linker was told to build reproducibly.
  bool Debug(const PeImage& image) {
    const PeDirectory directory = image.directories[PeImage::kDebug];
    if (directory.address == 0) return false;
    bool reproducible = false;
    const std::size_t count = directory.size / 28;
    if (count > kMaxPeDebugEntries)
      Note(Severity::kWarning, "limit-pe-debug",
           fmt::format("{} debug entries, the first {} are read", count, kMaxPeDebugEntries));
    for (std::size_t i = 0; i < std::min(count, kMaxPeDebugEntries); ++i) {
      const auto entry = image.Offset(std::uint64_t{directory.address} + 28 * i);
      if (!entry || !file_.Contains(*entry, 28)) break;
      const std::uint32_t type = *file_.U32(*entry + 12), size = *file_.U32(*entry + 16), raw = *file_.U32(*entry + 24);
      if (type == kDebugRepro) reproducible = true;
      if (type == kDebugCodeView) CodeView(raw, size);
    }
    return reproducible;
  }

  void CodeView(std::uint64_t raw, std::uint64_t size) {
    const auto magic = file_.U32(raw);
    const std::uint64_t header = magic == 0x53445352 /* RSDS */ ? 24 : magic == 0x3031424E /* NB10 */ ? 16 : 0;
    if (header == 0 || size <= header || raw + header >= file_.size()) return;
    const std::string_view rest = file_.text().substr(static_cast<std::size_t>(raw + header));
    const std::string_view path =
        rest.substr(0, rest.substr(0, std::min<std::uint64_t>(size - header, kMaxPdbPath)).find('\0'));
    if (path.size() > kMaxPdbPath)
      return Note(Severity::kWarning, "limit-pdb-path", "PDB path without end", At(raw, 24));
    if (!Trim(path).empty())
      Add(Sample(), Relation::kContains, EntityType::kPdbPath, path, At(raw + header, path.size()));
  }

  void Rich(const PeImage& image, const RichHeader& rich) {
    const Locator at = At(rich.offset, rich.length);
    const Entity header{EntityType::kRichHeader, rich.md5};
    Add(Sample(), Relation::kContains, EntityType::kRichHeader, rich.md5, at);
    if (!rich.checksum_matches)
      Note(Severity::kWarning, "rich-checksum",
           "the Rich header's key does not match header and products: it was changed, or copied from another file", at);
    for (const std::string& reason : RichContradictions(image, rich))
      Add(header, Relation::kContains, EntityType::kText, fmt::format("{}{}", kForeignHeader, reason), at, sha256_);
    std::set<std::string> toolsets;
    std::set<std::uint16_t> unknown;
    for (const RichProduct& product : rich.products) {
      const auto toolset = product.Toolset();
      if (!toolset)
        unknown.insert(product.product);
      else if (!toolset->empty())
        toolsets.insert(*toolset);
    }
    for (const std::string& toolset : toolsets) Add(header, Relation::kContains, EntityType::kToolset, toolset, at);
    if (unknown.empty()) return;
    std::string ids;
    for (std::uint16_t id : unknown)
      if (ids.size() < 60) ids += fmt::format("{}{}", ids.empty() ? "" : ", ", id);
    Note(Severity::kInfo, "rich-unknown-product",
         fmt::format("{} product id(s) of the Rich header are unknown: {}", unknown.size(), ids), at);
  }

  void Clr(const PeImage& image) {
    const PeDirectory directory = image.directories[PeImage::kClr];
    if (directory.address == 0) return;
    const auto clr = ReadPeClr(image);
    if (!clr) return Note(Severity::kWarning, "pe-clr", "a CLR directory that leads to no metadata: not taken for a .NET assembly");
    Add(Sample(), Relation::kContains, EntityType::kText, fmt::format(".NET runtime: {}", clr->runtime), At(clr->runtime_offset, clr->runtime.size()));
    Add(Sample(), Relation::kContains, EntityType::kText,
        fmt::format(".NET assembly: {}{}", (clr->flags & PeClr::kIlOnly) != 0 ? "IL only" : "with native code",
                    (clr->flags & PeClr::kNativeEntry) != 0 ? ", native entry point" : ""),
        At(clr->offset + kPeClrFlags, 4));
    if (clr->il_only()) Note(Severity::kInfo, "pe-clr", ".NET code is not read: headers and texts are");
  }

  void Imports(const PeImage& image) {
    const PeImports imports = ReadPeImports(image);
    if (imports.imphash)
      Add(Sample(), Relation::kContains, EntityType::kImphash, *imports.imphash,
          At(*image.Offset(image.directories[PeImage::kImports].address), 20));
    if (imports.cut)
      Note(Severity::kWarning, "limit-pe-imports",
           fmt::format("more than {} libraries or {} functions are imported, the rest is not read", kMaxPeLibraries,
                       kMaxPeImports));
    std::set<std::string> seen;
    for (const PeImportedLibrary& library : imports.libraries)
      if (IsRuntimeLibrary(library.name) && seen.insert(library.name).second)
        Add(Sample(), Relation::kContains, EntityType::kRuntimeReference, library.name,
            At(library.offset, library.name.size()));
  }

  void Resources(const PeImage& image) {
    const PeResources resources = ReadPeResources(image);
    std::set<std::string> seen;
    for (const PeLanguage& language : resources.languages) {
      const std::string name = ResourceLanguageName(language.id);
      if (name.empty()) {
        Note(Severity::kInfo, "unknown-language", fmt::format("resource language 0x{:04x} is unknown", language.id),
             At(language.offset, 8));
      } else if (seen.insert(name).second) {
        Add(Sample(), Relation::kContains, EntityType::kResourceLanguage, name, At(language.offset, 8));
      }
    }
    for (const PeResourceData& version : resources.versions)
      for (const PeVersionText& text : ReadPeVersion(file_, version.offset, version.size))
        Add(Sample(), Relation::kContains, EntityType::kText, fmt::format("{}: {}", text.key, text.value), At(text.offset, text.length));
    if (resources.cut)
      Note(Severity::kWarning, "limit-pe-resources",
           fmt::format("more than {} resource entries, the rest is not read", kMaxResourceEntries));
  }

  // What follows the sections: a signature, and anything appended.
  void Tail(const PeImage& image) {
    Note(Severity::kInfo, "pe-machine",
         fmt::format("PE32{} for {} (0x{:04x})", image.plus ? "+" : "", image.MachineName(), image.machine));
    const PeDirectory certificate = image.directories[PeImage::kCertificates];
    if (certificate.address != 0 && certificate.size != 0) {
      const bool inside = file_.Contains(certificate.address, certificate.size);
      Note(inside ? Severity::kInfo : Severity::kWarning, "pe-certificate",
           fmt::format("certificate table of {} bytes{}; it is not verified", certificate.size,
                       inside ? "" : ", beyond the end of the file"),
           At(certificate.address, certificate.size));
      if (inside) Signer(certificate);
    }
    for (const BinaryRange& overlay : PeOverlay(image))
      Note(Severity::kInfo, "pe-overlay", fmt::format("{} bytes follow the sections", overlay.size), At(overlay.offset, overlay.size));
  }

  // An issuer gives a serial number once: both together name the certificate. What Microsoft signs is in everybody's hands
  // and links nobody.
  void Signer(const PeDirectory& table) {
    const Signatures signatures = ReadSignatures(file_, table.address, table.size);
    if (!signatures.odd.empty()) Note(Severity::kWarning, "pe-signature", signatures.odd, At(table.address, table.size));
    for (const ascribe::Signer& signer : signatures.signers) {
      const Locator at = At(signer.offset, signer.length);
      const bool platform = signer.organisation == "Microsoft Corporation";
      const Entity certificate{EntityType::kSigningCert, fmt::format("{} by {}", signer.serial, signer.issuer)};
      const std::string valid = fmt::format("valid {} to {}; not verified", signer.valid_from, signer.valid_to);
      Add(Sample(), Relation::kContains, platform ? EntityType::kText : EntityType::kSigningCert,
          platform ? "signed by the maker of the system: " + certificate.value : certificate.value, at, valid);
      Add(certificate, Relation::kContains, EntityType::kText, "subject: " + signer.subject, at);
      Add(certificate, Relation::kContains, EntityType::kText, "issuer: " + signer.issuer, at);
    }
  }

  void Inside(const PeImage& image) {
    const Result<Executable> executable = ParsePe(file_);
    if (!executable) return Note(Severity::kWarning, "pe-structure", "texts are not read: " + executable.error().message);
    const PeDirectory table = image.directories[PeImage::kCertificates];
    const bool has_table = table.address >= image.EndOfSections() && file_.Contains(table.address, table.size) && table.size > 0;
    AddProgramTexts(*executable, has_table ? table.address : file_.size(), Sample(), kPeExtractor, out_);
  }

  ByteView file_;
  Reading& out_;
  std::string sha256_;
};

}  // namespace

int SniffPe(ByteView head, std::string_view file_name) {
  const std::string name = AsciiLower(file_name);
  bool named = false;
  for (std::string_view extension : {".exe", ".dll", ".sys", ".scr", ".ocx", ".cpl"})
    named = named || name.ends_with(extension);
  if (head.empty()) return named ? 20 : 0;
  if (!head.text().starts_with("MZ")) return 0;
  const auto header = head.U32(0x3C);
  if (header && head.U32(*header) == 0x00004550u) return 95;
  if (named && (!header || *header >= head.size())) return 50;  // cut off
  // "MZ" is also how a text may begin; a DOS header has zeros in it.
  return head.text().substr(0, 64).find('\0') == std::string_view::npos ? 0 : 25;
}

Reading ReadPe(ByteView bytes, std::string_view) {
  Reading reading;
  if (bytes.empty()) {
    reading.diagnostics.push_back({Severity::kWarning, {}, {}, "pe-structure", "the file is empty"});
    return reading;
  }
  PeFacts facts(bytes, reading);
  facts.Hashes();
  const Result<PeImage> image = ParsePeImage(bytes);
  if (image) {
    facts.Image(*image);
  } else {
    facts.Note(Severity::kWarning, "pe-structure", "only the hashes are read: " + image.error().message);
  }
  return reading;
}

}  // namespace ascribe
