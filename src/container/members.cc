#include "container/members.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/sha256.h"
#include "base/text.h"

namespace ascribe {
namespace {

// Names that would leave the folder they are unpacked in, or that a terminal would obey.
bool IsHostile(std::string_view name) {
  if (name.size() > kMaxMemberName || name.starts_with('/') || name.starts_with('\\')) return true;
  if (name.size() > 1 && name[1] == ':') return true;
  std::string slashes(name);
  std::replace(slashes.begin(), slashes.end(), '\\', '/');
  for (std::string_view part : Split(slashes, '/'))
    if (part == "..") return true;
  return std::any_of(name.begin(), name.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

class Walk {
 public:
  Walk(ByteView file, std::span<const std::string> passwords, const std::function<bool(const Member&)>& visit,
       const MemberLimits& limits)
      : passwords_(passwords), visit_(visit), limits_(limits) {
    const std::uint64_t by_ratio = limits.free_bytes + limits.ratio * file.size();  // files of a case are below 2^32
    budget_ = {std::min(limits.bytes, by_ratio), limits.members};
  }

  void Into(ByteView bytes, const std::string& sha256, const std::string& chain, std::size_t depth) {
    if (depth == 0) seen_.insert(sha256);
    if (!ArchiveKind(bytes).empty()) return Archive(bytes, sha256, chain, depth);
    Carve(bytes, sha256, chain, depth);
  }
  std::vector<MemberNote> Take() { return std::move(notes_); }

 private:
  void Note(const std::string& container, ContainerNote note) { notes_.push_back({container, std::move(note)}); }

  // False ends the walk.
  bool Found(Member member, std::size_t depth) {
    if (!visit_(member))
      stopped_ = true;
    else
      Into(member.bytes, member.sha256, member.chain, depth + 1);
    return !stopped_;
  }

  bool TooDeep(const std::string& sha256, std::size_t depth) {
    if (depth < limits_.depth) return false;
    Note(sha256, {true, "limit-depth",
                  fmt::format("something lies {} levels deep and is not read; unpack it by hand", depth + 1)});
    return true;
  }

  void Archive(ByteView bytes, const std::string& sha256, const std::string& chain, std::size_t depth) {
    if (TooDeep(sha256, depth)) return;
    std::size_t copies = 0, hostile = 0;
    std::vector<ContainerNote> notes;
    ReadArchive(
        bytes, passwords_, budget_,
        [&](const std::string& name, const Bytes& content) {
          hostile += IsHostile(name);
          Member member;
          member.sha256 = Sha256Hex(content);
          if (!seen_.insert(member.sha256).second) {
            ++copies;
            return true;
          }
          member.chain = chain + "!" + Ellipsize(SanitizeUtf8(name), kMaxMemberName);
          member.parent = sha256;
          member.bytes = content;
          return Found(std::move(member), depth);
        },
        notes);
    for (ContainerNote& note : notes) Note(sha256, std::move(note));
    if (copies > 0)
      Note(sha256, {false, "archive-copies",
                    fmt::format("{} member{} with the bytes of another one {} not read again", copies,
                                copies == 1 ? "" : "s", copies == 1 ? "is" : "are")});
    if (hostile > 0)
      Note(sha256,
           {true, "archive-names",
            fmt::format("{} member{} a name that would leave its folder, holds control characters or is too long; "
                        "names are only shown, nothing is unpacked to disk",
                        hostile, hostile == 1 ? " has" : "s have")});
  }

  void Carve(ByteView bytes, const std::string& sha256, const std::string& chain, std::size_t depth) {
    const Carving carving = FindImages(bytes);
    if (carving.images.empty() || TooDeep(sha256, depth)) return;
    if (carving.limit)
      Note(sha256, {true, "limit-carved",
                    fmt::format("more than {} programs are embedded, or forged headers; the rest is not looked for",
                                carving.images.size())});
    for (const CarvedImage& image : carving.images) {
      if (stopped_) return;
      if (budget_.members == 0 || (image.key != 0 && image.size > budget_.bytes))
        return Note(sha256, {true, "limit-members", "more is embedded than is read; cut out what matters by hand"});
      --budget_.members;
      Bytes decoded;
      if (image.key != 0) {
        decoded = DecodeImage(bytes, image);
        budget_.bytes -= image.size;
      }
      Member member;
      member.bytes = image.key != 0 ? ByteView(decoded) : *bytes.Slice(image.offset, image.size);
      member.sha256 = Sha256Hex(member.bytes);
      if (!seen_.insert(member.sha256).second) continue;
      member.chain =
          chain + fmt::format("#0x{:x}", image.offset) + (image.key != 0 ? fmt::format("^0x{:02x}", image.key) : "");
      member.parent = sha256;
      member.carved = image;
      if (!Found(std::move(member), depth)) return;
    }
  }

  std::span<const std::string> passwords_;
  const std::function<bool(const Member&)>& visit_;
  const MemberLimits limits_;
  UnpackBudget budget_;
  std::set<std::string> seen_;
  std::vector<MemberNote> notes_;
  bool stopped_ = false;
};

}  // namespace

std::vector<MemberNote> VisitMembers(ByteView file, const std::string& sha256, std::span<const std::string> passwords,
                                     const std::function<bool(const Member&)>& visit, const MemberLimits& limits) {
  Walk walk(file, passwords, visit, limits);
  walk.Into(file, sha256, {}, 0);
  return walk.Take();
}

const std::vector<std::string>& CommonPasswords() {
  static const std::vector<std::string> kPasswords = {"infected", "malware", "virus"};
  return kPasswords;
}

}  // namespace ascribe
