#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "binary/byte_builder.h"

namespace ascribe {

/// Builds small Mach-O images for tests, byte by byte: address = kBase + offset throughout. Nothing in them can run.
struct MachOBuilder {
  static constexpr std::uint64_t kBase = 0x40000;
  static constexpr std::uint32_t kFunctionBytes = 32;  // from one function to the next
  struct Function {
    std::string name;
    bool exported = false, symbol = false, start = false, initial = false;
  };
  struct Import {
    std::string name;
    std::uint8_t library = 0;  ///< number, from 1
    bool lazy = true;
  };
  bool wide = true, big = false;
  std::uint32_t cpu = 0x0100'0007;
  bool main = true;  ///< LC_MAIN, else LC_UNIXTHREAD
  std::uint32_t thread_flavour = 4, program_counter = 16 * 8;
  std::vector<Function> functions;
  std::vector<Import> imports;
  std::vector<std::string> libraries;
  bool remarks = false;              ///< UUID, systems, names
  std::string identifier, team;      ///< of a code signature

  /// Where the parts stand in the image: "__text", "__got", "command 0", "section __text"…
  std::map<std::string, std::uint64_t> at;

  [[nodiscard]] std::uint64_t Address(const std::string& part) const { return kBase + at.at(part); }
  [[nodiscard]] std::uint64_t FunctionAddress(std::size_t i) const { return Address("__text") + kFunctionBytes * i; }

  ByteBuilder Build() {
    at.clear();
    Sizes sizes;  // the first pass finds them, the second writes the commands with them
    (void)Pass(sizes);
    return Pass(sizes);
  }

  /// A fat file of images, each at a multiple of 0x1000; `cpus` are what the fat header says.
  static Bytes Fat(const std::vector<Bytes>& images, const std::vector<std::uint32_t>& cpus, bool wide_header = false) {
    ByteBuilder out{true, wide_header};
    out.U32(wide_header ? 0xCAFE'BABF : 0xCAFE'BABE);
    out.U32(images.size());
    std::uint64_t place = 0x1000;
    for (std::size_t i = 0; i < images.size(); ++i) {
      out.U32(cpus[i]);
      out.U32(0);
      out.Word(place);
      out.Word(images[i].size());
      out.U32(12);
      if (wide_header) out.U32(0);
      place += (images[i].size() + 0xFFF) / 0x1000 * 0x1000;
    }
    for (const Bytes& image : images) {
      out.Align(0x1000);
      out.Append(image);
    }
    return out.bytes;
  }

 private:
  using Sizes = std::map<std::string, std::uint64_t>;

  ByteBuilder Pass(Sizes& sizes) {
    ByteBuilder out{big, wide};
    std::uint32_t commands = 0;
    const auto place = [&](const std::string& part) { return at.count(part) == 0 ? 0 : at[part]; };
    const auto begin = [&](std::uint32_t kind) {
      const std::uint64_t start = out.size();
      at["command " + std::to_string(commands++)] = start;
      out.U32(kind);
      out.U32(0);
      return start;
    };
    const auto end = [&](std::uint64_t start) {
      out.Align(8);
      out.Set32(start + 4, out.size() - start);
    };
    out.U32(wide ? 0xFEED'FACF : 0xFEED'FACE);
    out.U32(cpu);
    out.U32(0);
    out.U32(2);
    out.U32(0);  // commands and their bytes are set below
    out.U32(0);
    out.U32(0x80);
    if (wide) out.U32(0);
    const std::uint64_t header = out.size();

    struct Section {
      std::string name;
      std::uint32_t flags, first_indirect;
    };
    const auto segment = [&](const std::string& name, std::uint32_t protection, std::uint64_t from, std::uint64_t to,
                             const std::vector<Section>& sections) {
      const std::uint64_t start = begin(wide ? 0x19 : 0x1);
      out.Fixed(name, 16);
      for (std::uint64_t value : {kBase + from, to - from, from, to - from}) out.Word(value);
      for (std::uint64_t value :
           {std::uint64_t{7}, std::uint64_t{protection}, std::uint64_t{sections.size()}, std::uint64_t{0}})
        out.U32(value);
      for (const Section& s : sections) {
        at["section " + s.name] = out.size();
        out.Fixed(s.name, 16);
        out.Fixed(name, 16);
        out.Word(kBase + place(s.name));
        out.Word(sizes[s.name]);
        out.U32(place(s.name));
        out.Fill(12);
        out.U32(s.flags);
        out.U32(s.first_indirect);
        out.Fill(wide ? 8 : 4);
      }
      end(start);
    };
    std::uint32_t lazy = 0;
    for (const Import& import : imports) lazy += import.lazy ? 1 : 0;
    segment("__TEXT", 5, 0, place("text end"), {{"__text", 0x8000'0400, 0}});
    segment("__DATA", 3, place("text end"), place("data end"),
            {{"__la_symbol_ptr", 7, 0}, {"__got", 6, lazy}, {"__mod_init_func", 9, 0}, {"__bss", 1, 0}});
    segment("__LINKEDIT", 1, place("data end"), place("end"), {});
    for (const std::string& library : libraries) {
      const std::uint64_t start = begin(0xC);
      out.U32(24);
      out.Fill(12);
      out.Text(library);
      end(start);
    }
    const auto plain = [&](std::uint32_t kind, std::initializer_list<std::uint64_t> values) {
      const std::uint64_t start = begin(kind);
      for (std::uint64_t value : values) out.U32(value);
      end(start);
    };
    plain(0x2, {place("symbols"), sizes["symbols"], place("strings"), sizes["strings"]});
    plain(0xB, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, place("indirect"), imports.size(), 0, 0, 0, 0});
    plain(0x26, {place("starts"), sizes["starts"]});
    if (remarks) {
      plain(0x1B, {big ? 0x00010203u : 0x03020100u, big ? 0x04050607u : 0x07060504u, 0, 0});
      plain(0x32, {1, 0x000B'0000, 0x000C'0103, 0});
      plain(0x24, {0x000A'0F02, 0x000A'0F00});
      const std::uint64_t search = begin(0x8000'001C);
      out.U32(12);
      out.Text("@loader_path/../lib");
      end(search);
    }
    if (!identifier.empty()) plain(0x1D, {place("signature"), sizes["signature"]});
    const std::uint64_t entry = begin(main ? 0x8000'0028 : 0x5);
    if (main) {
      out.U64(place("__text"));
      out.U64(0);
    } else {
      out.U32(thread_flavour);
      out.U32(program_counter / 4 + 2);
      out.Fill(program_counter);
      out.Word(kBase + place("__text"));
    }
    end(entry);
    out.Set32(16, commands);
    out.Set32(20, out.size() - header);

    Contents(out, sizes, lazy);
    return out;
  }

  void Contents(ByteBuilder& out, Sizes& sizes, std::uint32_t lazy) {
    const auto part = [&](const std::string& name) {
      out.Align(8);
      at[name] = out.size();
    };
    const std::uint64_t word = wide ? 8 : 4;
    part("__text");
    out.Fill(kFunctionBytes * (functions.size() + 1), 0x90);
    sizes["__text"] = out.size() - at["__text"];
    part("text end");
    part("__la_symbol_ptr");
    out.Fill(sizes["__la_symbol_ptr"] = word * lazy);
    part("__got");
    out.Fill(sizes["__got"] = word * (imports.size() - lazy));
    part("__mod_init_func");
    for (std::size_t i = 0; i < functions.size(); ++i)
      if (functions[i].initial) out.Word(FunctionAddress(i));
    sizes["__mod_init_func"] = out.size() - at["__mod_init_func"];
    part("__bss");
    sizes["__bss"] = 0x100;
    part("data end");

    ByteBuilder names{big, wide};
    names.U8(0);
    part("symbols");
    sizes["symbols"] = 0;
    const auto symbol = [&](const std::string& name, std::uint64_t type, std::uint64_t section,
                            std::uint64_t description, std::uint64_t value) {
      out.U32(names.size());
      out.U8(type);
      out.U8(section);
      out.U16(description);
      out.Word(value);
      names.Text("_" + name);
      ++sizes["symbols"];
    };
    for (const Import& import : imports) symbol(import.name, 1, 0, std::uint64_t{import.library} << 8, 0);
    for (std::size_t i = 0; i < functions.size(); ++i)
      if (functions[i].exported || functions[i].symbol)
        symbol(functions[i].name, functions[i].exported ? 0xF : 0xE, 1, 0, FunctionAddress(i));
    part("strings");
    out.Append(names.bytes);
    sizes["strings"] = names.size();
    part("indirect");
    for (bool want : {true, false})
      for (std::size_t i = 0; i < imports.size(); ++i)
        if (imports[i].lazy == want) out.U32(i);
    part("starts");
    std::uint64_t before = kBase;
    for (std::size_t i = 0; i < functions.size(); ++i) {
      if (!functions[i].start) continue;
      std::uint64_t distance = FunctionAddress(i) - before;
      before = FunctionAddress(i);
      for (; distance >= 0x80; distance >>= 7) out.U8((distance & 0x7F) | 0x80);
      out.U8(distance);
    }
    out.U8(0);
    sizes["starts"] = out.size() - at["starts"];
    if (!identifier.empty()) {
      part("signature");
      ByteBuilder blob{true, false};
      for (std::uint64_t value : {0xFADE'0CC0u, 0u, 1u, 0u, 20u}) blob.U32(value);
      const std::uint64_t team_at = 52 + identifier.size() + 1;
      for (std::uint64_t value : {std::uint64_t{0xFADE'0C02}, std::uint64_t{0}, std::uint64_t{0x20200}, std::uint64_t{0}, std::uint64_t{0}, std::uint64_t{52}}) blob.U32(value);
      blob.Fill(24);
      blob.U32(team_at);
      blob.Text(identifier);
      blob.Text(team);
      out.Append(blob.bytes);
      sizes["signature"] = blob.size();
    }
    part("end");
  }
};

}  // namespace ascribe
