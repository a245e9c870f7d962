#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "binary/byte_builder.h"

namespace ascribe {

/// Builds small shared objects for tests, byte by byte: address = kBase + offset throughout. Nothing in them can run.
struct ElfBuilder {
  static constexpr std::uint64_t kBase = 0x10000;
  static constexpr std::uint32_t kFunctionBytes = 32;  // from one function to the next
  struct Function {
    std::string name;
    std::uint32_t size = 0;
    bool exported = false, symbol = false, unwind = false, initial = false;
  };
  struct Import {
    std::string name, library;  ///< library: bound by a version; may be empty
  };
  bool wide = true, big = false;
  std::uint16_t machine = 62, type = 3;
  std::uint32_t jump_slot = 7;
  bool section_table = true, gnu_hash = false;
  std::string own_name, search_path, old_search_path, needed_library, comment;
  Bytes build_id;
  std::vector<Function> functions;
  std::vector<Import> imports;

  /// Where the parts stand in the file: ".text", ".got", "segments", "sections", "section .text"…
  std::map<std::string, std::uint64_t> at;

  [[nodiscard]] std::uint64_t Address(const std::string& part) const { return kBase + at.at(part); }

  ByteBuilder Build() {
    out_ = ByteBuilder{big, wide};
    headers_.clear();
    at.clear();
    const std::uint64_t word = wide ? 8 : 4;
    Header();
    at["segments"] = out_.size();
    const std::uint64_t segment_size = wide ? 56 : 32;
    out_.Fill(Segments() * segment_size);

    Part(".text", 1, 6);
    out_.Fill(kFunctionBytes * (functions.size() + 1), 0x90);
    DynamicSymbols();
    Versions();
    Relocations();
    Frames();
    Note();
    const std::uint64_t text_end = out_.size();

    out_.Align(64);
    const std::uint64_t data = out_.size();
    Part(".init_array", 14, 3);
    for (std::size_t i = 0; i < functions.size(); ++i)
      if (functions[i].initial) out_.Word(FunctionAddress(i));
    out_.Word(0);
    const std::uint64_t init_size = out_.size() - at[".init_array"];
    Part(".got", 1, 3);
    out_.Fill(word * (imports.size() + 1));
    for (std::size_t i = 0; i < imports.size(); ++i)  // the relocations name the slots
      out_.SetWord(at[".rela"] + 3 * word * i, Address(".got") + word * i);
    Part(".dynamic", 6, 3);
    const auto tag = [&](std::uint64_t name, std::uint64_t value) {
      out_.Word(name);
      out_.Word(value);
    };
    tag(5, Address(".dynstr"));
    tag(10, names_size_);
    tag(6, Address(".dynsym"));
    tag(11, wide ? 24 : 16);
    tag(gnu_hash ? 0x6FFFFEF5 : 4, Address(".hash"));
    tag(23, Address(".rela"));
    tag(2, 3 * word * imports.size());
    tag(20, 7);
    tag(25, Address(".init_array"));
    tag(27, init_size);
    tag(0x6FFFFFF0, Address(".versions"));
    tag(0x6FFFFFFE, Address(".needed"));
    tag(0x6FFFFFFF, needed_);
    for (auto [number, text] : {std::pair{1, &needed_library}, std::pair{14, &own_name}, std::pair{15, &old_search_path}, std::pair{29, &search_path}})
      if (!text->empty()) tag(static_cast<std::uint64_t>(number), text_names_.at(*text));
    tag(0, 0);
    const std::uint64_t end = out_.size();

    Segment(0, 1, 5, 0, text_end);
    Segment(1, 1, 6, data, end - data);
    Segment(2, 2, 6, at[".dynamic"], end - at[".dynamic"]);
    Segment(3, 0x6474E550, 4, at[".eh_frame_hdr"], at[".eh_frame"] - at[".eh_frame_hdr"]);
    if (!build_id.empty()) Segment(4, 4, 4, at[".note"], 16 + build_id.size());
    EndPart();
    if (section_table) SectionTable();
    return out_;
  }
  [[nodiscard]] std::uint64_t FunctionAddress(std::size_t i) const { return Address(".text") + kFunctionBytes * i; }

 private:
  struct SectionHeader {
    std::string name;
    std::uint32_t type = 0, flags = 0, link = 0;
    std::uint64_t offset = 0, size = 0;
  };

  void EndPart() {
    if (!headers_.empty() && headers_.back().size == 0) headers_.back().size = out_.size() - headers_.back().offset;
  }
  void Part(const std::string& name, std::uint32_t type_number, std::uint32_t flags, std::uint32_t link = 0) {
    EndPart();
    out_.Align(8);
    at[name] = out_.size();
    headers_.push_back({name, type_number, flags, link, out_.size(), 0});
  }

  void Header() {
    out_.Fixed("\177ELF", 4);
    for (int byte : {wide ? 2 : 1, big ? 2 : 1, 1}) out_.U8(static_cast<std::uint64_t>(byte));
    out_.Fill(9);
    out_.U16(type);
    out_.U16(machine);
    out_.U32(1);
    const std::uint64_t header = wide ? 64 : 52, segments = Segments() * (wide ? 56 : 32);
    out_.Word(kBase + (header + segments + 7) / 8 * 8);  // the entry is the first function
    out_.Word(header);
    at["e_shoff"] = out_.size();
    out_.Word(0);
    out_.U32(0);
    out_.U16(header);
    out_.U16(wide ? 56 : 32);
    at["e_phnum"] = out_.size();
    out_.U16(Segments());
    out_.U16(wide ? 64 : 40);
    out_.U16(0);
    out_.U16(0);
  }

  void Segment(std::uint64_t index, std::uint32_t kind, std::uint32_t flags, std::uint64_t offset, std::uint64_t size) {
    ByteBuilder s{big, wide};
    s.U32(kind);
    if (wide) s.U32(flags);
    for (std::uint64_t value : {offset, kBase + offset, kBase + offset, size, size}) s.Word(value);
    if (!wide) s.U32(flags);
    s.Word(0x1000);
    std::copy(s.bytes.begin(), s.bytes.end(),
              out_.bytes.begin() + static_cast<std::ptrdiff_t>(at["segments"] + index * s.size()));
  }

  void Symbol(ByteBuilder& out, std::uint32_t name, std::uint8_t info, std::uint16_t section, std::uint64_t value,
              std::uint64_t bytes) const {
    out.U32(name);
    if (wide) {
      out.U8(info);
      out.U8(0);
      out.U16(section);
      out.Word(value);
      out.Word(bytes);
    } else {
      out.Word(value);
      out.Word(bytes);
      out.U8(info);
      out.U8(0);
      out.U16(section);
    }
  }

  void DynamicSymbols() {
    ByteBuilder names{big, wide}, symbols{big, wide};
    names.U8(0);
    Symbol(symbols, 0, 0, 0, 0, 0);
    const auto name = [&](const std::string& text) {
      const auto offset = static_cast<std::uint32_t>(names.size());
      names.Text(text);
      return offset;
    };
    for (const Import& import : imports) Symbol(symbols, name(import.name), 0x12, 0, 0, 0);
    std::uint32_t count = 1 + static_cast<std::uint32_t>(imports.size());
    for (std::size_t i = 0; i < functions.size(); ++i) {
      if (!functions[i].exported) continue;
      Symbol(symbols, name(functions[i].name), 0x12, 1, FunctionAddress(i), functions[i].size);
      ++count;
    }
    for (const Import& import : imports) library_names_[import.library] = name(import.library);
    for (const std::string* text : {&needed_library, &own_name, &old_search_path, &search_path})
      if (!text->empty()) text_names_[*text] = name(*text);
    Part(".dynsym", 11, 2, 3);
    out_.Append(symbols.bytes);
    Part(".dynstr", 3, 2);
    out_.Append(names.bytes);
    names_size_ = names.size();
    Part(".hash", gnu_hash ? 0x6FFFFFF6 : 5, 2);
    const std::uint32_t first = 1 + static_cast<std::uint32_t>(imports.size());
    if (gnu_hash) {
      for (std::uint32_t value : {1u, first, 1u, 0u}) out_.U32(value);
      out_.Word(~std::uint64_t{0});
      out_.U32(first < count ? first : 0);
      for (std::uint32_t i = first; i < count; ++i) out_.U32(i + 1 == count ? 0x1235 : 0x1234);
    } else {
      for (std::uint32_t value : {1u, count, count - 1}) out_.U32(value);
      for (std::uint32_t i = 0; i < count; ++i) out_.U32(i == 0 ? 0 : i - 1);
    }
  }

  void Versions() {
    Part(".versions", 0x6FFFFFFF, 2);
    out_.U16(0);
    std::map<std::string, std::uint16_t> numbers;
    for (const Import& import : imports) {
      if (!import.library.empty()) numbers.try_emplace(import.library, static_cast<std::uint16_t>(2 + numbers.size()));
      out_.U16(import.library.empty() ? 1 : numbers[import.library]);
    }
    for (const Function& function : functions)
      if (function.exported) out_.U16(1);
    Part(".needed", 0x6FFFFFFE, 2);
    needed_ = static_cast<std::uint32_t>(numbers.size());
    std::size_t left = numbers.size();
    for (const auto& [library, number] : numbers) {
      out_.U16(1);
      out_.U16(1);
      out_.U32(library_names_[library]);
      out_.U32(16);
      out_.U32(--left == 0 ? 0 : 32);
      out_.U32(0);
      out_.U16(0);
      out_.U16(number);
      out_.U32(0);
      out_.U32(0);
    }
    out_.Fill(8);
  }

  void Relocations() {
    Part(".rela", 4, 2);
    for (std::size_t i = 0; i < imports.size(); ++i) {
      out_.Word(0);  // set when the slots have their place
      out_.Word(wide ? std::uint64_t{i + 1} << 32 | jump_slot : (i + 1) << 8 | jump_slot);
      out_.Word(0);
    }
    out_.Fill(8);
  }

  // Addresses as distances in signed 32 bits, as all compilers write them.
  void Frames() {
    Part(".eh_frame_hdr", 1, 2);
    const std::uint64_t header = out_.size();
    for (int byte : {1, 0x1B, 0x03, 0x3B}) out_.U8(static_cast<std::uint64_t>(byte));
    out_.U32(0);
    out_.U32(0);
    Part(".eh_frame", 1, 2);
    out_.Set32(header + 4, out_.size() - (header + 4));
    const std::uint64_t common = out_.size();
    out_.U32(16);
    out_.U32(0);
    out_.U8(1);
    out_.Text("zR");
    for (int byte : {1, 0x78, 16, 1, 0x1B, 0, 0, 0}) out_.U8(static_cast<std::uint64_t>(byte));
    for (std::size_t i = 0; i < functions.size(); ++i) {
      if (!functions[i].unwind) continue;
      out_.U32(16);
      out_.U32(out_.size() - common);
      out_.U32(FunctionAddress(i) - (kBase + out_.size()));
      out_.U32(functions[i].size);
      out_.U32(0);
    }
    out_.U32(0);
  }

  [[nodiscard]] std::uint64_t Segments() const { return build_id.empty() ? 4 : 5; }
  void Note() {
    if (build_id.empty()) return;
    Part(".note", 7, 2);
    out_.U32(4);
    out_.U32(build_id.size());
    out_.U32(3);
    out_.Text("GNU");
    out_.Append(build_id);
    out_.Align(4);
  }

  void SectionTable() {
    ByteBuilder symbols{big, wide}, names{big, wide};
    names.U8(0);
    Symbol(symbols, 0, 0, 0, 0, 0);
    for (std::size_t i = 0; i < functions.size(); ++i) {
      if (!functions[i].symbol) continue;
      Symbol(symbols, static_cast<std::uint32_t>(names.size()), 0x02, 1, FunctionAddress(i), functions[i].size);
      names.Text(functions[i].name);
    }
    Part(".symtab", 2, 0, static_cast<std::uint32_t>(headers_.size()) + 2);
    out_.Append(symbols.bytes);
    Part(".strtab", 3, 0);
    out_.Append(names.bytes);
    if (!comment.empty()) {
      Part(".comment", 1, 0);
      out_.Text(comment);
    }
    Part(".shstrtab", 3, 0);
    std::vector<std::uint32_t> offsets;
    const std::uint64_t start = out_.size();
    out_.U8(0);
    for (const SectionHeader& s : headers_) {
      offsets.push_back(static_cast<std::uint32_t>(out_.size() - start));
      out_.Text(s.name);
    }
    EndPart();
    out_.Align(8);
    at["sections"] = out_.size();
    out_.SetWord(at["e_shoff"], out_.size());
    out_.Set16(at["e_phnum"] + 4, headers_.size() + 1);
    out_.Set16(at["e_phnum"] + 6, headers_.size());
    out_.Fill(wide ? 64 : 40);
    for (std::size_t i = 0; i < headers_.size(); ++i) {
      const SectionHeader& s = headers_[i];
      at["section " + s.name] = out_.size();
      out_.U32(offsets[i]);
      out_.U32(s.type);
      out_.Word(s.flags);
      out_.Word((s.flags & 2) != 0 ? kBase + s.offset : 0);
      out_.Word(s.offset);
      out_.Word(s.size);
      out_.U32(s.link);
      out_.U32(0);
      out_.Word(8);
      out_.Word(0);
    }
  }

  ByteBuilder out_;
  std::vector<SectionHeader> headers_;
  std::map<std::string, std::uint32_t> library_names_, text_names_;
  std::uint64_t names_size_ = 0;
  std::uint32_t needed_ = 0;
};

}  // namespace ascribe
