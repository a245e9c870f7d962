#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace ascribe {

/// Builds small PE files for tests, byte by byte: one section at RVA 0x1000 that holds everything, and on demand one of
/// code at RVA 0x100000. They are headers without a program; nothing in them can run.
struct PeBuilder {
  static constexpr std::uint32_t kCode = 0x100000;
  struct Import {
    std::string library;
    std::vector<std::string> functions;  ///< "#12" is an ordinal
  };
  struct Export {
    std::string name;
    std::uint32_t address = 0;  ///< RVA
    std::string forward;        ///< "library.function" instead of an address
  };
  struct Unwind {
    std::uint32_t begin = 0, end = 0;  ///< RVA
    bool chained = false;              ///< continues the function before it
  };
  bool plus = false;
  std::uint32_t time_stamp = 1416614814;  // 2014-11-22T00:06:54Z
  std::uint8_t linker_major = 10, linker_minor = 0;
  std::vector<Import> imports;
  std::string pdb_path;
  bool reproducible = false;
  std::vector<std::uint16_t> languages;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> rich;  ///< (product << 16 | build, count)
  bool break_rich = false;
  std::string overlay;
  std::uint32_t certificate_size = 0;
  std::uint32_t code_size = 0;  ///< the entry is its first byte
  std::vector<Import> delay_imports;
  bool delay_by_address = false;  ///< as linkers before 2002 wrote them: addresses where others have RVAs
  std::vector<Export> exports;
  std::vector<Unwind> unwind;                ///< only `plus` files have it
  std::vector<std::uint32_t> tls_callbacks;  ///< RVA
  struct Symbol {
    std::string name;
    std::uint32_t value = 0;   ///< in its section
    std::uint16_t section = 2, type = 0x20;
    std::uint8_t more = 0;     ///< auxiliary entries
  };
  std::vector<std::pair<std::string, std::uint32_t>> bound;  ///< library, time stamp of the copy it was bound to
  std::vector<Symbol> symbols;               ///< as gcc leaves them; section 2 is the code
  std::string clr_runtime;                   ///< of a .NET assembly
  std::uint32_t clr_flags = 1;
  bool clr_without_metadata = false;

  static constexpr std::uint64_t kBase = 0x400000;
  /// RVA of the first slot of each library; set by Build.
  mutable std::map<std::string, std::uint32_t> slots;

  [[nodiscard]] Bytes Build() const {
    constexpr std::uint32_t kRva = 0x1000, kRaw = 0x400;
    slots.clear();
    const bool extended = code_size > 0 || !delay_imports.empty() || !exports.empty() || !tls_callbacks.empty();
    Bytes body;  // of the section
    const auto here = [&] { return kRva + static_cast<std::uint32_t>(body.size()); };
    std::uint32_t import_rva = 0, import_size = 0, debug_rva = 0, debug_size = 0, resource_rva = 0;

    std::vector<std::uint32_t> tables, names;
    const auto put_tables = [&](const std::vector<Import>& list) {
      tables.clear();
      names.clear();
      for (const Import& import : list) {
        std::vector<std::uint64_t> thunks;
        for (const std::string& function : import.functions) {
          if (function[0] == '#') {
            thunks.push_back((std::uint64_t{1} << (plus ? 63 : 31)) | std::stoul(function.substr(1)));
          } else {
            thunks.push_back(here());
            Put16(body, 0);
            PutText(body, function);
          }
        }
        thunks.push_back(0);
        tables.push_back(here());
        slots[import.library] = here();
        for (std::uint64_t thunk : thunks) {
          Put32(body, static_cast<std::uint32_t>(thunk));
          if (plus) Put32(body, static_cast<std::uint32_t>(thunk >> 32));
        }
        names.push_back(here());
        PutText(body, import.library);
      }
    };
    if (!imports.empty()) {
      put_tables(imports);
      import_rva = here();
      for (std::size_t i = 0; i < tables.size(); ++i)
        for (std::uint32_t word : {tables[i], 0u, 0u, names[i], tables[i]}) Put32(body, word);
      for (int i = 0; i < 5; ++i) Put32(body, 0);
      import_size = here() - import_rva;
    }
    std::uint32_t code_view = 0, code_view_size = 0;
    if (!pdb_path.empty()) {
      code_view = kRaw + static_cast<std::uint32_t>(body.size());
      Put32(body, 0x53445352);
      for (int i = 0; i < 5; ++i) Put32(body, 0x11111111);
      PutText(body, pdb_path);
      code_view_size = kRaw + static_cast<std::uint32_t>(body.size()) - code_view;
    }
    if (!pdb_path.empty() || reproducible) {
      debug_rva = here();
      if (!pdb_path.empty()) PutDebug(body, 2, code_view_size, code_view);
      if (reproducible) PutDebug(body, 16, 0, 0);
      debug_size = here() - debug_rva;
    }
    if (!languages.empty()) {  // one type, one name, all languages below it
      resource_rva = here();
      PutNode(body, 1);
      Put32(body, 10);
      Put32(body, 0x80000000u | 24);
      PutNode(body, 1);
      Put32(body, 1);
      Put32(body, 0x80000000u | 48);
      PutNode(body, static_cast<std::uint16_t>(languages.size()));
      for (std::uint16_t language : languages) {
        Put32(body, language);
        Put32(body, 0);
      }
    }
    std::uint32_t delay_rva = 0, delay_size = 0, export_rva = 0, export_size = 0, unwind_rva = 0, tls_rva = 0;
    if (!delay_imports.empty()) {
      put_tables(delay_imports);
      delay_rva = here();
      const std::uint32_t base = delay_by_address ? static_cast<std::uint32_t>(kBase) : 0;
      for (std::size_t i = 0; i < tables.size(); ++i)
        for (std::uint32_t word :
             {delay_by_address ? 0u : 1u, base + names[i], 0u, base + tables[i], base + tables[i], 0u, 0u, 0u})
          Put32(body, word);
      for (int i = 0; i < 8; ++i) Put32(body, 0);
      delay_size = here() - delay_rva;
    }
    if (!exports.empty()) {
      export_rva = here();
      const std::size_t directory = body.size();
      body.resize(directory + 40, 0);
      const auto count = static_cast<std::uint32_t>(exports.size());
      std::vector<std::uint32_t> targets, export_names;
      for (const Export& e : exports) {
        targets.push_back(e.forward.empty() ? e.address : here());
        if (!e.forward.empty()) PutText(body, e.forward);
        export_names.push_back(here());
        PutText(body, e.name);
      }
      for (std::size_t at : {std::size_t{20}, std::size_t{24}}) Set32(body, directory + at, count);
      Set32(body, directory + 28, here());
      for (std::uint32_t target : targets) Put32(body, target);
      Set32(body, directory + 32, here());
      for (std::uint32_t name : export_names) Put32(body, name);
      Set32(body, directory + 36, here());
      for (std::uint32_t i = 0; i < count; ++i) Put16(body, static_cast<std::uint16_t>(i));
      export_size = here() - export_rva;
    }
    if (!unwind.empty()) {
      while (body.size() % 4 != 0) body.push_back(0);  // an odd address would mean something else
      const std::uint32_t plain_info = here();
      Put32(body, 0x00000001);  // version 1, no flags
      const std::uint32_t chained_info = here();
      Put32(body, 0x00000021);  // version 1, chained
      unwind_rva = here();
      for (const Unwind& u : unwind)
        for (std::uint32_t word : {u.begin, u.end, u.chained ? chained_info : plain_info}) Put32(body, word);
    }
    if (!tls_callbacks.empty()) {
      const auto put_word = [&](std::uint64_t value) {
        Put32(body, static_cast<std::uint32_t>(value));
        if (plus) Put32(body, static_cast<std::uint32_t>(value >> 32));
      };
      const std::uint32_t list = here();
      for (std::uint32_t callback : tls_callbacks) put_word(kBase + callback);
      put_word(0);
      tls_rva = here();
      for (int i = 0; i < 3; ++i) put_word(0);
      put_word(kBase + list);
      for (int i = 0; i < 2; ++i) Put32(body, 0);
    }
    std::uint32_t bound_rva = 0, bound_size = 0;
    if (!bound.empty()) {
      bound_rva = here();
      auto name = static_cast<std::uint16_t>(8 * (bound.size() + 1));  // behind the entries
      for (const auto& [library, stamp] : bound) {
        Put32(body, stamp);
        Put16(body, name);
        Put16(body, 0);
        name = static_cast<std::uint16_t>(name + library.size() + 1);
      }
      for (int i = 0; i < 2; ++i) Put32(body, 0);
      bound_size = here() - bound_rva;
      for (const auto& [library, stamp] : bound) PutText(body, library);
    }
    std::uint32_t clr_rva = 0;
    if (!clr_runtime.empty()) {
      const std::uint32_t root = here();
      for (std::uint32_t word : {clr_without_metadata ? 0u : 0x424A5342u, 0x10001u, 0u, static_cast<std::uint32_t>(clr_runtime.size() + 1)}) Put32(body, word);
      PutText(body, clr_runtime);
      clr_rva = here();
      for (std::uint32_t word : {72u, 0x50002u, root, 64u, clr_flags, 0u}) Put32(body, word);
      for (int i = 0; i < 12; ++i) Put32(body, 0);
    }
    while (body.size() % 0x200 != 0 || body.empty()) body.push_back(0);

    Bytes out;
    PutText(out, "MZ");
    out.resize(0x80, 0);
    PutRich(out);
    while (out.size() % 16 != 0) out.push_back(0);
    const auto header = static_cast<std::uint32_t>(out.size());
    Set32(out, 0x3C, header);
    Put32(out, 0x00004550);
    Put16(out, plus ? 0x8664 : 0x014C);
    Put16(out, code_size > 0 ? 2 : 1);
    Put32(out, time_stamp);
    Put32(out, 0);
    Put32(out, 0);
    Put16(out, plus ? 240 : 224);
    Put16(out, 0x0102);
    const std::size_t optional = out.size();
    Put16(out, plus ? 0x20B : 0x10B);
    out.push_back(linker_major);
    out.push_back(linker_minor);
    out.resize(optional + (plus ? 112 : 96), 0);
    if (extended) Set32(out, optional + (plus ? 24 : 28), static_cast<std::uint32_t>(kBase));
    if (code_size > 0) Set32(out, optional + 16, kCode);
    Set32(out, optional + 60, kRaw);
    Set32(out, optional + (plus ? 108 : 92), 16);
    const std::size_t directories = out.size();
    out.resize(directories + 128, 0);
    const auto directory = [&](std::size_t index, std::uint32_t address, std::uint32_t size) {
      Set32(out, directories + 8 * index, address);
      Set32(out, directories + 8 * index + 4, size);
    };
    directory(0, export_rva, export_size);
    directory(1, import_rva, import_size);
    directory(2, resource_rva, resource_rva == 0 ? 0 : 64);
    directory(3, unwind_rva, static_cast<std::uint32_t>(12 * unwind.size()));
    directory(9, tls_rva, tls_rva == 0 ? 0 : plus ? 40 : 24);
    directory(11, bound_rva, bound_size);
    directory(13, delay_rva, delay_size);
    directory(14, clr_rva, clr_rva == 0 ? 0 : 72);
    const auto body_size = static_cast<std::uint32_t>(body.size());
    if (certificate_size > 0) directory(4, kRaw + body_size + code_size, certificate_size);
    directory(6, debug_rva, debug_size);
    const std::size_t section = out.size();
    out.resize(section + 40, 0);
    std::memcpy(out.data() + section, ".rdata", 6);
    Set32(out, section + 8, body_size);
    Set32(out, section + 12, kRva);
    Set32(out, section + 16, body_size);
    Set32(out, section + 20, kRaw);
    if (code_size > 0) {
      const std::size_t code = out.size();
      out.resize(code + 40, 0);
      std::memcpy(out.data() + code, ".text", 5);
      Set32(out, code + 8, code_size);
      Set32(out, code + 12, kCode);
      Set32(out, code + 16, code_size);
      Set32(out, code + 20, kRaw + body_size);
      Set32(out, code + 36, 0x60000020);
    }
    out.resize(kRaw, 0);
    out.insert(out.end(), body.begin(), body.end());
    out.resize(out.size() + code_size, 0xC3);
    out.resize(out.size() + certificate_size, 0xCC);
    out.insert(out.end(), overlay.begin(), overlay.end());
    PutSymbols(out, header);
    return out;
  }

 private:
  static void Put16(Bytes& out, std::uint16_t value) {
    out.push_back(static_cast<std::uint8_t>(value));
    out.push_back(static_cast<std::uint8_t>(value >> 8));
  }
  static void Put32(Bytes& out, std::uint32_t value) {
    Put16(out, static_cast<std::uint16_t>(value));
    Put16(out, static_cast<std::uint16_t>(value >> 16));
  }
  static void Set32(Bytes& out, std::size_t at, std::uint32_t value) {
    for (std::size_t i = 0; i < 4; ++i) out[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
  static void PutText(Bytes& out, std::string_view text) {
    out.insert(out.end(), text.begin(), text.end());
    out.push_back(0);
  }
  static void PutDebug(Bytes& out, std::uint32_t type, std::uint32_t size, std::uint32_t raw) {
    for (std::uint32_t word : {0u, 0u, 0u, type, size, 0u, raw}) Put32(out, word);
  }
  static void PutNode(Bytes& out, std::uint16_t ids) {
    for (int i = 0; i < 3; ++i) Put32(out, 0);
    Put16(out, 0);
    Put16(out, ids);
  }
  void PutSymbols(Bytes& out, std::size_t header) const {
    if (symbols.empty()) return;
    Set32(out, header + 12, static_cast<std::uint32_t>(out.size()));
    Bytes long_names(4, 0);
    std::uint32_t entries = 0;
    for (const Symbol& s : symbols) {
      if (s.name.size() > 8) {
        Put32(out, 0);
        Put32(out, static_cast<std::uint32_t>(long_names.size()));
        PutText(long_names, s.name);
      } else {
        out.insert(out.end(), s.name.begin(), s.name.end());
        out.resize(out.size() + 8 - s.name.size(), 0);
      }
      Put32(out, s.value);
      Put16(out, s.section);
      Put16(out, s.type);
      out.push_back(2);
      out.push_back(s.more);
      for (int i = 0; i < s.more; ++i) {  // read as a symbol it would be a function
        out.resize(out.size() + 8, 'x');
        Put32(out, s.value + 8);
        for (int word : {2, 0x20, 2}) Put16(out, static_cast<std::uint16_t>(word));
      }
      entries += 1u + s.more;
    }
    Set32(out, header + 16, entries);
    Set32(long_names, 0, static_cast<std::uint32_t>(long_names.size()));
    out.insert(out.end(), long_names.begin(), long_names.end());
  }
  void PutRich(Bytes& out) const {
    if (rich.empty()) return;
    auto key = static_cast<std::uint32_t>(out.size());
    for (std::size_t i = 0; i < out.size(); ++i)
      if (i < 0x3C || i >= 0x40) key += std::rotl(std::uint32_t{out[i]}, static_cast<int>(i & 31));
    for (const auto& [id, count] : rich) key += std::rotl(id, static_cast<int>(count & 31));
    if (break_rich) key ^= 0x5A5A5A5A;
    Put32(out, 0x536E6144 ^ key);
    for (int i = 0; i < 3; ++i) Put32(out, key);
    for (const auto& [id, count] : rich) {
      Put32(out, id ^ key);
      Put32(out, count ^ key);
    }
    Put32(out, 0x68636952);
    Put32(out, key);
  }
};

}  // namespace ascribe
