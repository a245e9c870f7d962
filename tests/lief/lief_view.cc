#include <LIEF/ELF.hpp>
#include <LIEF/MachO.hpp>
#include <LIEF/PE.hpp>
#include <LIEF/logging.hpp>
#include <exception>
#include <vector>

#include "base/text.h"
#include "program_view.h"

namespace ascribe {
namespace {

std::string Base(const std::string& path) { return AsciiLower(path.substr(path.rfind('/') + 1)); }

void Languages(const LIEF::PE::ResourceNode& node, std::set<std::string>& out) {
  for (const LIEF::PE::ResourceNode& child : node.childs()) {
    // Type, name, language: the root has depth 0.
    if (child.depth() == 3 && child.id() != 0) out.insert(HexText(child.id()));
    Languages(child, out);
  }
}

ProgramView View(const LIEF::PE::Binary& pe) {
  ProgramView v;
  const std::uint64_t base = pe.optional_header().imagebase();
  v.headers = std::set<std::string>{"entry " + HexText(pe.optional_header().addressof_entrypoint()), "base " + HexText(base),
                                      "time " + HexText(pe.header().time_date_stamp()),
               "linker " + std::to_string(pe.optional_header().major_linker_version()) + "." + std::to_string(pe.optional_header().minor_linker_version())};
  for (const LIEF::PE::Section& s : pe.sections())
    v.sections.insert(s.name().substr(0, 8) + " " + HexText(s.virtual_address()) + " " + HexText(s.virtual_size()) + " " + HexText(s.pointerto_raw_data()) +
                      " " + HexText(s.sizeof_raw_data()) + " " + HexText(s.characteristics()));
  for (const LIEF::PE::Import& library : pe.imports()) {
    v.libraries.insert(AsciiLower(library.name()));
    std::uint64_t slot = base + library.import_address_table_rva();
    for (const LIEF::PE::ImportEntry& entry : library.entries()) {
      v.imports.insert(HexText(slot) + " " + AsciiLower(library.name()) + " " +
                       (entry.is_ordinal() ? "#" + std::to_string(entry.ordinal()) : entry.name()));
      slot += pe.type() == LIEF::PE::PE_TYPE::PE32_PLUS ? 8 : 4;
    }
  }
  // LIEF 0.9 knows no forwarded exports: it gives the address of the other library's name, or 0, for that of a function.
  const LIEF::PE::DataDirectory& table = pe.data_directory(LIEF::PE::DATA_DIRECTORY::EXPORT_TABLE);
  const auto elsewhere = [&](std::uint32_t rva) { return rva == 0 || (rva >= table.RVA() && rva - table.RVA() < table.size()); };
  if (pe.has_exports())
    for (const LIEF::PE::ExportEntry& entry : pe.get_export().entries())
      if (!entry.name().empty() && !elsewhere(entry.address())) v.exports.insert(HexText(base + entry.address()) + " " + entry.name());
  if (pe.has_tls())
    for (const std::uint64_t callback : pe.tls().callbacks()) v.functions.insert(HexText(callback));
  // LIEF 0.9 takes the padding behind "DanS" for an entry.
  const auto padding = [](const LIEF::PE::RichEntry& e) { return e.id() == 0 && e.build_id() == 0 && e.count() == 0; };
  if (pe.has_rich_header())
    for (const LIEF::PE::RichEntry& e : pe.rich_header().entries())
      if (!padding(e)) v.rich.insert(std::to_string(e.id()) + " " + std::to_string(e.build_id()) + " " + std::to_string(e.count()));
  if (pe.has_debug() && pe.debug().has_code_view())
    if (const auto* pdb = dynamic_cast<const LIEF::PE::CodeViewPDB*>(&pe.debug().code_view())) v.debug.insert(pdb->filename());
  if (pe.has_resources()) Languages(pe.resources(), v.languages);
  return v;
}

ProgramView View(const LIEF::ELF::Binary& elf) {
  using LIEF::ELF::ELF_SECTION_TYPES;
  using LIEF::ELF::ELF_SYMBOL_TYPES;
  ProgramView v;
  v.headers.insert("entry " + HexText(elf.header().entrypoint()));
  for (const LIEF::ELF::Section& s : elf.sections()) {
    const std::uint64_t flags = s.flags();
    if ((flags & 2) == 0 || s.size() == 0 || ((flags & 0x400) != 0 && s.type() == ELF_SECTION_TYPES::SHT_NOBITS)) continue;
    v.sections.insert(s.name().substr(0, 64) + " " + HexText(s.virtual_address()) + " " + HexText(s.size()) + " " + HexText(s.file_offset()) +
                      ((flags & 4) != 0 ? " x" : "") + ((flags & 1) != 0 ? " w" : ""));
  }
  // Both kinds of slots have the same number on x86 and x86-64; other machines are left out.
  const auto imports = [&](const LIEF::ELF::Relocation& r) {
    if ((r.type() != 6 && r.type() != 7) || !r.has_symbol() || r.symbol().shndx() != 0 || r.symbol().name().empty()) return;
    v.imports.insert(HexText(r.address()) + " " + r.symbol().name());
  };
  for (const LIEF::ELF::Relocation& r : elf.pltgot_relocations()) imports(r);
  for (const LIEF::ELF::Relocation& r : elf.dynamic_relocations()) imports(r);
  const auto is_function = [](const LIEF::ELF::Symbol& s) {
    return s.type() == ELF_SYMBOL_TYPES::STT_FUNC || s.type() == ELF_SYMBOL_TYPES::STT_GNU_IFUNC;
  };
  for (const LIEF::ELF::Symbol& s : elf.dynamic_symbols()) {
    const auto binding = static_cast<unsigned>(s.binding());
    const unsigned visibility = s.other() & 3u;
    if (s.shndx() == 0 || s.shndx() >= 0xFFF1 || (visibility != 0 && visibility != 3) ||
        (binding != 1 && binding != 2 && binding != 10) || s.name().empty()) continue;
    if (!is_function(s) && static_cast<unsigned>(s.type()) > 1) continue;
    v.exports.insert(HexText(s.value()) + " " + s.name());
  }
  for (const LIEF::ELF::Symbol& s : elf.static_symbols())
    if (is_function(s) && s.shndx() != 0 && s.shndx() < 0xFFF1) v.functions.insert(HexText(s.value()));
  for (const LIEF::ELF::SymbolVersionRequirement& r : elf.symbols_version_requirement()) v.libraries.insert(Base(r.name()));
  return v;
}

ProgramView View(const LIEF::MachO::Binary& macho) {
  ProgramView v;
  // Of LC_MAIN only: to the program counter of LC_UNIXTHREAD, an address already, LIEF 0.9 adds the base once more.
  if (macho.has_main_command()) v.headers.insert("entry " + HexText(macho.entrypoint()));
  for (const LIEF::MachO::SegmentCommand& s : macho.segments())
    v.sections.insert(s.name() + " " + HexText(s.virtual_address()) + " " + HexText(s.virtual_size()) + " " +
                      HexText(s.file_offset()) + " " + HexText(s.file_size()));
  for (const LIEF::MachO::Section& s : macho.sections())
    v.sections.insert(s.segment_name() + "," + s.name() + " " + HexText(s.address()) + " " + HexText(s.size()) + " " + HexText(s.LIEF::Section::offset()));
  for (const LIEF::MachO::DylibCommand& d : macho.libraries()) v.libraries.insert(d.name());
  if (macho.has_function_starts())
    for (const std::uint64_t start : macho.function_starts().functions()) v.functions.insert(HexText(macho.imagebase() + start));
  return v;
}

}  // namespace

std::optional<ProgramView> ReadWithLief(ByteView file) {
  LIEF::Logger::disable();
  const std::vector<std::uint8_t> bytes(file.data(), file.data() + file.size());
  try {
    if (LIEF::PE::is_pe(bytes)) {
      const auto pe = LIEF::PE::Parser::parse(bytes);
      return pe ? std::optional(View(*pe)) : std::nullopt;
    }
    if (LIEF::ELF::is_elf(bytes)) {
      const auto elf = LIEF::ELF::Parser::parse(bytes);
      return elf ? std::optional(View(*elf)) : std::nullopt;
    }
    if (LIEF::MachO::is_macho(bytes)) {
      const auto fat = LIEF::MachO::Parser::parse(bytes);
      if (!fat || fat->size() == 0) return std::nullopt;
      // LIEF 0.9 stops at the first commands of big-endian images.
      const LIEF::MachO::MACHO_TYPES magic = fat->begin()->header().magic();
      if (magic == LIEF::MachO::MACHO_TYPES::MH_CIGAM || magic == LIEF::MachO::MACHO_TYPES::MH_CIGAM_64) return std::nullopt;
      // Of a fat file the part that ParseMachOImage takes.
      for (const LIEF::MachO::Binary& binary : *fat)
        if (binary.header().cpu_type() == LIEF::MachO::CPU_TYPES::CPU_TYPE_X86_64) return View(binary);
      return View(*fat->begin());
    }
  } catch (const std::exception&) {
    // It throws on what it cannot read; that says nothing about us.
  }
  return std::nullopt;
}

}  // namespace ascribe
