#include "container/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>

#include "base/text.h"

namespace ascribe {
namespace {

struct Free {
  void operator()(archive* a) const { archive_read_free(a); }
};
using Handle = std::unique_ptr<archive, Free>;

// A block without bytes may stand before the next one; a reader that gives nothing else makes no progress.
constexpr std::size_t kMaxEmptyBlocks = 1000;

bool IsCompressed(std::string_view kind) { return kind == "gzip" || kind == "xz" || kind == "bzip2"; }

// Only what the kind needs: the fewer parsers see hostile bytes, the better. `as_file`: a compressed stream is one file,
// whatever it looks like.
Handle Open(ByteView bytes, std::string_view kind, const std::string* password, bool as_file = false) {
  Handle a(archive_read_new());
  if (a == nullptr) return a;
  archive* raw = a.get();
  if (kind == "zip") {
    archive_read_support_format_zip(raw);
  } else if (kind == "7z") {
    archive_read_support_format_7zip(raw);
  } else if (kind == "iso") {
    archive_read_support_format_iso9660(raw);
  } else {
    if (kind == "cpio")
      archive_read_support_format_cpio(raw);
    else if (!as_file)
      archive_read_support_format_tar(raw);
    if (kind == "gzip") archive_read_support_filter_gzip(raw);
    if (kind == "xz") archive_read_support_filter_xz(raw);
    if (kind == "bzip2") archive_read_support_filter_bzip2(raw);
    if (IsCompressed(kind)) {
      archive_read_support_format_raw(raw);
      archive_read_support_format_empty(raw);
    }
  }
  if (password != nullptr) archive_read_add_passphrase(raw, password->c_str());
  archive_read_open_memory(raw, bytes.data(), bytes.size());  // an error comes again with the first header
  return a;
}

std::string Why(archive* a) {
  const char* text = archive_error_string(a);
  return text == nullptr ? "no reason given" : Ellipsize(SanitizeUtf8(text), 200);
}

// Asked before a format was recognised, libarchive 3.6 looks behind its table of formats.
bool SawEncryption(archive* a) { return archive_format(a) != 0 && archive_read_has_encrypted_entries(a) > 0; }

bool IsTar(archive* a) { return (archive_format(a) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_TAR; }

std::string NameOf(archive_entry* entry) {
  const char* name = archive_entry_pathname_utf8(entry);
  if (name == nullptr) name = archive_entry_pathname(entry);
  return name == nullptr ? std::string() : std::string(std::string_view(name).substr(0, kMaxRawName));
}

bool IsEncrypted(archive_entry* entry) {
  return archive_entry_is_data_encrypted(entry) != 0 || archive_entry_is_metadata_encrypted(entry) != 0;
}

// A header of the "new" cpio format states the length of the name in 32 bits, and libarchive 3.6 sets that much memory
// aside. Names of a mebibyte and more are refused before it sees them. A compressed cpio archive is first read as one
// member.
bool HasHugeCpioName(ByteView bytes) {
  const std::string_view text = bytes.text();
  constexpr std::size_t kHeader = 110, kNameSize = 94;
  for (std::size_t at = text.find("07070"); at != std::string_view::npos && at + kHeader <= text.size();
       at = text.find("07070", at + 1)) {
    const std::string_view header = text.substr(at, kHeader);
    if ((header[5] == '1' || header[5] == '2') &&
        header.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos &&
        header.substr(kNameSize, 3) != "000")
      return true;
  }
  return false;
}

enum class Outcome { kWhole, kDamaged, kFatal, kLimit };

// The content of the member that the last header announced. Its declared size is believed only where a sparse file ends
// in a hole. What is passed over is read as well: skipping unpacks, too, and would escape the budget.
Outcome ReadContent(archive* a, archive_entry* entry, std::uint64_t most, Bytes& content) {
  content.clear();
  std::size_t empty = 0;
  bool warned = false;
  for (;;) {
    const void* block = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    const int result = archive_read_data_block(a, &block, &size, &offset);
    if (result == ARCHIVE_EOF) break;
    if (result == ARCHIVE_FATAL) return Outcome::kFatal;
    if (result < ARCHIVE_WARN || (size == 0 && ++empty > kMaxEmptyBlocks)) return Outcome::kDamaged;
    warned = warned || result == ARCHIVE_WARN;
    if (size == 0) continue;
    if (offset < 0 || static_cast<std::uint64_t>(offset) < content.size()) return Outcome::kDamaged;
    if (static_cast<std::uint64_t>(offset) > most || size > most - static_cast<std::uint64_t>(offset))
      return Outcome::kLimit;
    content.resize(static_cast<std::size_t>(offset));  // a hole reads as zeros
    const auto* begin = static_cast<const std::uint8_t*>(block);
    content.insert(content.end(), begin, begin + size);
  }
  // Of a wrong size the library only warns, before it looks at the checksum: what a wrong password unpacks to may end early.
  if (warned && archive_entry_is_data_encrypted(entry) != 0) return Outcome::kDamaged;
  if (archive_entry_size_is_set(entry) != 0 && archive_entry_sparse_count(entry) > 0) {
    const la_int64_t size = archive_entry_size(entry);
    if (size > 0 && static_cast<std::uint64_t>(size) > most) return Outcome::kLimit;
    if (size > 0 && static_cast<std::uint64_t>(size) > content.size()) content.resize(static_cast<std::size_t>(size));
  }
  return Outcome::kWhole;
}

// Goes to header number `index` (from 0); false when it is not reached.
bool GoTo(archive* a, std::size_t index, archive_entry** entry) {
  for (std::size_t i = 0; i <= index; ++i) {
    const int result = archive_read_next_header(a, entry);
    if (result != ARCHIVE_OK && result != ARCHIVE_WARN) return false;
  }
  return true;
}

// The old cipher of zip accepts one wrong password in 256 at first; only a whole member with its checksum proves one.
const std::string* FindPassword(ByteView bytes, std::string_view kind, std::span<const std::string> passwords,
                                std::size_t index, std::uint64_t most) {
  for (std::size_t i = 0; i < passwords.size() && i < kMaxPasswords; ++i) {
    if (passwords[i].empty()) continue;  // libarchive refuses it
    const Handle a = Open(bytes, kind, &passwords[i]);
    archive_entry* entry = nullptr;
    Bytes content;
    if (a == nullptr || !GoTo(a.get(), index, &entry)) continue;
    const Outcome outcome = ReadContent(a.get(), entry, most, content);
    if (outcome == Outcome::kWhole || outcome == Outcome::kLimit) return &passwords[i];
  }
  return nullptr;
}

// Notes about single members: some of each code in full, the rest as a number.
class Notes {
 public:
  explicit Notes(std::vector<ContainerNote>& out) : out_(out) {}
  void Member(std::string code, std::string text) {
    if (++counts_[code] <= kMaxMemberNotes) out_.push_back({true, std::move(code), std::move(text)});
  }
  void Archive(std::string code, std::string text) { out_.push_back({true, std::move(code), std::move(text)}); }
  ~Notes() {
    for (const auto& [code, count] : counts_)
      if (count > kMaxMemberNotes)
        out_.push_back({true, code, fmt::format("{} more of this kind are not listed", count - kMaxMemberNotes)});
  }
  Notes(const Notes&) = delete;
  Notes& operator=(const Notes&) = delete;

 private:
  std::vector<ContainerNote>& out_;
  std::map<std::string, std::size_t> counts_;
};

std::string Shown(const std::string& name) { return Ellipsize(SanitizeUtf8(name), 80); }

// What to do about encryption that the library does not know.
constexpr std::string_view kUnpackFirst = "unpack it with its password (7z x) and give the folder or its files instead";

}  // namespace

std::string_view ArchiveKind(ByteView bytes) {
  const std::string_view text = bytes.text();
  if (text.starts_with(std::string_view("PK\3\4", 4)) || text.starts_with(std::string_view("PK\5\6", 4))) return "zip";
  if (text.starts_with("7z\xBC\xAF\x27\x1C")) return "7z";
  if (text.starts_with("\x1F\x8B\x08")) return "gzip";
  if (text.starts_with(std::string_view("\xFD"
                                        "7zXZ\0",
                                        6)))
    return "xz";
  if (text.starts_with("BZh") && text.size() > 9 && text[3] >= '1' && text[3] <= '9' &&
      (text.substr(4, 6) == "1AY&SY" || text.substr(4, 6) == "\x17\x72\x45\x38\x50\x90"))
    return "bzip2";
  if (text.starts_with("070701") || text.starts_with("070702") || text.starts_with("070707")) {
    const std::string_view rest = text.substr(6, 60);  // digits, or it is a text that begins with a number
    if (rest.size() == 60 && rest.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos) return "cpio";
  }
  if (text.size() > 262 && text.substr(257, 5) == "ustar") return "tar";
  if (text.size() > 0x8006 && text.substr(0x8001, 5) == "CD001") return "iso";
  return {};
}

void ReadArchive(ByteView bytes, std::span<const std::string> passwords, UnpackBudget& budget,
                 const std::function<bool(std::string name, Bytes content)>& each, std::vector<ContainerNote>& out) {
  Notes notes(out);
  const std::string_view kind = ArchiveKind(bytes);
  Handle a = kind.empty() ? Handle() : Open(bytes, kind, nullptr);
  if (a == nullptr) return notes.Archive("archive-structure", "no archive of a known kind");
  if (kind == "cpio" && HasHugeCpioName(bytes))
    return notes.Archive("archive-structure",
                         "a name in the cpio archive claims a mebibyte or more; the archive is not read");
  bool probed = false, locked = false, as_file = false;
  for (std::size_t index = 0;; ++index) {
    archive_entry* entry = nullptr;
    int result = archive_read_next_header(a.get(), &entry);
    // Zeros end a tar archive: any stream that begins with them looks like one without members.
    if (result == ARCHIVE_EOF && index == 0 && !as_file && IsCompressed(kind) && IsTar(a.get())) {
      as_file = true;
      a = Open(bytes, kind, nullptr, as_file);
      if (a == nullptr) return notes.Archive("archive-structure", "the archive cannot be read a second time");
      result = archive_read_next_header(a.get(), &entry);
    }
    if (result == ARCHIVE_EOF) return;
    if (result != ARCHIVE_OK && result != ARCHIVE_WARN) {
      if (SawEncryption(a.get()))
        return notes.Archive("archive-encrypted",
                             fmt::format("the {} archive hides its list of members by encryption, which is not read; {}", kind, kUnpackFirst));
      return notes.Archive(
          "archive-structure",
          fmt::format("the {} archive is cut off or damaged after {} members ({}); what was read before counts", kind,
                      index, Why(a.get())));
    }
    if (budget.members == 0)
      return notes.Archive(
          "limit-members",
          fmt::format("the {} archive has more members than are read; unpack those that matter", kind));
    --budget.members;
    if (IsEncrypted(entry) && !probed) {
      probed = true;
      const std::string* password = kind == "zip" ? FindPassword(bytes, kind, passwords, index, budget.bytes) : nullptr;
      locked = password == nullptr;
      if (locked && kind == "zip")
        notes.Archive(
            "archive-password",
            fmt::format(
                "none of the {} passwords opens member {}; add the right one to [archives] passwords in case.toml",
                std::min(passwords.size(), kMaxPasswords), Shown(NameOf(entry))));
      else if (locked)
        notes.Archive("archive-encrypted",
                      fmt::format("encryption of {} archives is not read, so neither {} nor the other encrypted members are; {}", kind,
                                  Shown(NameOf(entry)), kUnpackFirst));
      if (!locked) {
        a = Open(bytes, kind, password);
        if (a == nullptr || !GoTo(a.get(), index, &entry))
          return notes.Archive("archive-structure", "the archive cannot be read a second time");
      }
    }
    const bool skipped = archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) != nullptr;
    if (IsEncrypted(entry) && locked) continue;
    std::string name = NameOf(entry);
    Bytes content;
    switch (ReadContent(a.get(), entry, budget.bytes, content)) {
      case Outcome::kWhole:
        break;
      case Outcome::kLimit:
        return notes.Archive(
            "limit-unpacked",
            fmt::format(
                "member {} of the {} archive goes beyond the bytes that are unpacked from one file; it and what "
                "follows is not read: unpack what matters",
                Shown(name), kind));
      case Outcome::kDamaged:
        notes.Member("archive-member",
                     fmt::format("member {} cannot be read whole and is left out: {}", Shown(name), Why(a.get())));
        budget.bytes -= std::min<std::uint64_t>(budget.bytes, content.size());
        continue;
      case Outcome::kFatal:
        return notes.Archive(SawEncryption(a.get()) && kind != "zip" ? "archive-encrypted" : "archive-structure",
                             fmt::format("the {} archive ends inside member {} ({}); it and what follows is left out",
                                         kind, Shown(name), Why(a.get())));
    }
    budget.bytes -= std::min<std::uint64_t>(budget.bytes, content.size());
    if (!skipped && !each(std::move(name), std::move(content))) return;
  }
}

}  // namespace ascribe
