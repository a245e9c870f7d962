#include "binary/pe_imports.h"

#include <algorithm>
#include <array>

#include "base/sha256.h"
#include "base/text.h"
#include "binary/pe_ordinals.h"

namespace ascribe {
namespace {

// pefile drops these three extensions only.
std::string Stem(const std::string& library) {
  for (std::string_view extension : {".dll", ".ocx", ".sys"})
    if (library.ends_with(extension)) return library.substr(0, library.size() - extension.size());
  return library;
}

}  // namespace

PeImports ReadPeImports(const PeImage& image) {
  PeImports imports;
  const PeDirectory directory = image.directories[PeImage::kImports];
  if (directory.address == 0) return imports;
  const std::uint64_t step = image.plus ? 8 : 4;
  const std::uint64_t ordinal_flag = image.plus ? std::uint64_t{1} << 63 : std::uint64_t{1} << 31;
  std::string hashed;
  std::size_t functions = 0;
  for (std::size_t i = 0;; ++i) {
    const auto entry = image.Offset(std::uint64_t{directory.address} + 20 * i);
    if (!entry || !image.file.Contains(*entry, 20)) break;
    const std::uint32_t lookup = *image.file.U32(*entry), name_rva = *image.file.U32(*entry + 12),
                        addresses = *image.file.U32(*entry + 16);
    if (name_rva == 0 && lookup == 0 && addresses == 0) break;
    if (i >= kMaxPeLibraries) {
      imports.cut = true;
      break;
    }
    const auto name = image.Text(name_rva, 256);  // a file name
    if (!name || name->empty()) break;
    const std::string library = AsciiLower(*name);
    imports.libraries.push_back({library, *image.Offset(name_rva)});
    const std::string stem = Stem(library);
    const std::uint64_t table = lookup != 0 ? lookup : addresses;
    for (std::uint64_t k = 0;; ++k) {
      const auto at = image.Offset(table + step * k);
      if (!at) break;
      const auto thunk = image.plus ? image.file.U64(*at) : std::optional<std::uint64_t>(image.file.U32(*at));
      if (!thunk || *thunk == 0) break;
      if (++functions > kMaxPeImports || hashed.size() > kMaxPeImportBytes) {
        imports.cut = true;
        break;
      }
      std::string function;
      if ((*thunk & ordinal_flag) != 0) {
        const auto ordinal = static_cast<std::uint16_t>(*thunk & 0xFFFF);
        function = AsciiLower(ImphashOrdinalName(library, ordinal));
        if (function.empty()) function = "ord" + std::to_string(ordinal);
      } else {
        const auto text = image.Text((*thunk & 0x7FFFFFFF) + 2, kMaxPeImportName);
        if (!text) break;
        function = AsciiLower(*text);
      }
      if (!hashed.empty()) hashed += ',';
      hashed += stem;
      hashed += '.';
      hashed += function;
    }
    if (imports.cut) break;
  }
  if (!hashed.empty() && !imports.cut) imports.imphash = Md5Hex(hashed);
  return imports;
}

bool IsRuntimeLibrary(const std::string& name) {
  constexpr std::array<std::string_view, 14> kExact = {
      "msvcrt.dll",          "crtdll.dll",         "mscoree.dll",     "msvbvm50.dll",       "msvbvm60.dll",
      "ucrtbase.dll",        "ucrtbased.dll",      "cygwin1.dll",     "msys-2.0.dll",       "libgcc_s_dw2-1.dll",
      "libgcc_s_sjlj-1.dll", "libgcc_s_seh-1.dll", "libstdc++-6.dll", "libwinpthread-1.dll"};
  constexpr std::array<std::string_view, 12> kPrefixes = {"msvcr",     "msvcp", "mfc",    "atl",
                                                          "vcruntime", "vcomp", "concrt", "api-ms-win-crt-",
                                                          "borlndmm",  "cc32",  "rtl",    "vcl"};
  if (std::find(kExact.begin(), kExact.end(), name) != kExact.end()) return true;
  if (!name.ends_with(".dll") && !name.ends_with(".bpl")) return false;
  // A version number follows the name: "mfc42.dll" yes, "mfcore.dll" no.
  for (std::string_view prefix : kPrefixes) {
    if (!name.starts_with(prefix) || name.size() <= prefix.size()) continue;
    const char next = name[prefix.size()];
    if (prefix == "api-ms-win-crt-" || prefix == "borlndmm" || (next >= '0' && next <= '9')) return true;
  }
  return false;
}

}  // namespace ascribe
