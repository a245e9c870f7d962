#include "binary/elf_remarks.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>

#include "base/text.h"
#include "binary/remark.h"

namespace ascribe {
namespace {

constexpr std::uint32_t kNoteSegment = 4, kNoteSection = 7, kGnuBuildId = 3, kGoBuildId = 4;
constexpr std::size_t kMaxCompiler = 256;  // characters: "GCC: (Debian 12.2.0-14) 12.2.0" and longer ones with paths

class Remarks {
 public:
  Remarks(const ElfImage& image, const ElfDynamic& dynamic, Executable& out)
      : image_(image), dynamic_(dynamic), out_(out) {}

  void Add() {
    for (const ElfSegment& s : image_.segments)
      if (s.type == kNoteSegment) Notes(image_.Held(s.offset, s.file_size));
    for (const ElfSection& s : image_.sections)
      if (s.type == kNoteSection) Notes(image_.Held(s));
    for (const ElfSection& s : image_.sections)
      if (image_.SectionName(s) == ".comment") Compilers(image_.Held(s));
    Text("own name", dynamic_.own_name);
    Text("library search path (RPATH)", dynamic_.old_search_path);
    Text("library search path (RUNPATH)", dynamic_.search_path);
    for (std::string_view library : dynamic_.needed) Text("needed library", library);
  }

 private:
  [[nodiscard]] BinaryRange PlaceOf(std::string_view text) const {
    return {static_cast<std::uint64_t>(text.data() - out_.file.text().data()), text.size()};
  }
  void Text(std::string_view what, std::string_view text) {
    if (!text.empty()) AddRemark(out_, fmt::format("{}: {}", what, text), PlaceOf(text));
  }

  // Lengths of name and contents, type; name and contents, each filled up to four bytes (System V ABI, chapter 5).
  void Notes(ByteView bytes) {
    const EndianView notes = image_.file.With(bytes);
    for (std::uint64_t at = 0; notes_ < kMaxElfNotes; ++notes_) {
      const auto name_size = notes.U32(at), size = notes.U32(at + 4), type = notes.U32(at + 8);
      if (!name_size || !size || !type) return;
      const std::uint64_t name_at = at + 12, contents = name_at + (std::uint64_t{*name_size} + 3) / 4 * 4;
      if (!bytes.Contains(name_at, *name_size) || !bytes.Contains(contents, *size)) return;
      const std::string_view name = bytes.text().substr(static_cast<std::size_t>(name_at), *name_size);
      const std::string_view held = bytes.text().substr(static_cast<std::size_t>(contents), *size);
      at = contents + (std::uint64_t{*size} + 3) / 4 * 4;
      const bool gnu = name == std::string_view("GNU\0", 4) && *type == kGnuBuildId,
                 go = name == std::string_view("Go\0\0", 4) && *type == kGoBuildId;
      // Segments and sections show the same notes.
      if ((!gnu && !go) || held.empty() || held.size() > kMaxElfBuildId || !seen_.insert(PlaceOf(held).offset).second)
        continue;
      std::string id;
      if (go) id = held;
      if (gnu)
        for (char c : held) id += fmt::format("{:02x}", static_cast<unsigned char>(c));
      AddRemark(out_, fmt::format("{}build id: {}", go ? "Go " : "", id), PlaceOf(held));
    }
  }

  void Compilers(ByteView bytes) {
    std::size_t told = 0;
    for (std::string_view rest = bytes.text(); !rest.empty() && told < kMaxElfCompilers;) {
      const std::string_view one = rest.substr(0, rest.find('\0'));
      rest.remove_prefix(std::min(rest.size(), one.size() + 1));
      if (one.empty() || one.size() > kMaxCompiler) continue;
      Text("compiler", one);
      ++told;
    }
  }

  const ElfImage& image_;
  const ElfDynamic& dynamic_;
  Executable& out_;
  std::set<std::uint64_t> seen_;
  std::size_t notes_ = 0;
};

}  // namespace

void AddElfRemarks(const ElfImage& image, const ElfDynamic& dynamic, Executable& out) {
  Remarks(image, dynamic, out).Add();
}

}  // namespace ascribe
