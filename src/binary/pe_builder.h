#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace ascribe {

/// Builds small PE files for tests, byte by byte: one section at RVA 0x1000 that holds everything. They are headers
/// without a program; nothing in them can run.
struct PeBuilder {
  struct Import {
    std::string library;
    std::vector<std::string> functions;  ///< "#12" is an ordinal
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

  [[nodiscard]] Bytes Build() const {
    constexpr std::uint32_t kRva = 0x1000, kRaw = 0x400;
    Bytes body;  // of the section
    const auto here = [&] { return kRva + static_cast<std::uint32_t>(body.size()); };
    std::uint32_t import_rva = 0, import_size = 0, debug_rva = 0, debug_size = 0, resource_rva = 0;

    if (!imports.empty()) {
      std::vector<std::uint32_t> tables, names;
      for (const Import& import : imports) {
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
        for (std::uint64_t thunk : thunks) {
          Put32(body, static_cast<std::uint32_t>(thunk));
          if (plus) Put32(body, static_cast<std::uint32_t>(thunk >> 32));
        }
        names.push_back(here());
        PutText(body, import.library);
      }
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
    Put16(out, 1);
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
    Set32(out, optional + 60, kRaw);
    Set32(out, optional + (plus ? 108 : 92), 16);
    const std::size_t directories = out.size();
    out.resize(directories + 128, 0);
    const auto directory = [&](std::size_t index, std::uint32_t address, std::uint32_t size) {
      Set32(out, directories + 8 * index, address);
      Set32(out, directories + 8 * index + 4, size);
    };
    directory(1, import_rva, import_size);
    directory(2, resource_rva, resource_rva == 0 ? 0 : 64);
    const auto body_size = static_cast<std::uint32_t>(body.size());
    if (certificate_size > 0) directory(4, kRaw + body_size, certificate_size);
    directory(6, debug_rva, debug_size);
    const std::size_t section = out.size();
    out.resize(section + 40, 0);
    std::memcpy(out.data() + section, ".rdata", 6);
    Set32(out, section + 8, body_size);
    Set32(out, section + 12, kRva);
    Set32(out, section + 16, body_size);
    Set32(out, section + 20, kRaw);
    out.resize(kRaw, 0);
    out.insert(out.end(), body.begin(), body.end());
    out.resize(out.size() + certificate_size, 0xCC);
    out.insert(out.end(), overlay.begin(), overlay.end());
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
