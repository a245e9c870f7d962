#include "container/members.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/sha256.h"
#include "binary/elf_builder.h"
#include "binary/macho_builder.h"
#include "binary/pe_builder.h"
#include "container/archive_builder.h"

namespace ascribe {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Seen {
  std::vector<std::pair<std::string, std::string>> members;  // chain, bytes
  std::vector<std::string> parents;
  std::vector<MemberNote> notes;

  [[nodiscard]] std::vector<std::string> chains() const {
    std::vector<std::string> out;
    for (const auto& [chain, bytes] : members) out.push_back(chain);
    return out;
  }
  [[nodiscard]] std::vector<std::string> codes() const {
    std::vector<std::string> out;
    for (const MemberNote& n : notes) out.push_back(n.note.code);
    return out;
  }
};

Seen See(ByteView file, const std::vector<std::string>& passwords = CommonPasswords(),
         const MemberLimits& limits = {}) {
  Seen seen;
  seen.notes = VisitMembers(
      file, Sha256Hex(file), passwords,
      [&](const Member& m) {
        EXPECT_EQ(m.sha256, Sha256Hex(m.bytes));
        seen.members.emplace_back(m.chain, m.bytes.text());
        seen.parents.push_back(m.parent);
        return true;
      },
      limits);
  return seen;
}

// Bytes that do not compress and hold no header of anything.
std::string Noise(std::size_t size, std::uint32_t seed = 1) {
  std::string out;
  for (std::size_t i = 0; i < size; ++i) {
    seed = seed * 1664525 + 1013904223;
    out += static_cast<char>('a' + (seed >> 24) % 26);
  }
  return out;
}
std::string TextOf(const Bytes& bytes) { return {bytes.begin(), bytes.end()}; }
std::string Pe(std::uint32_t time_stamp = 1416614814) {
  PeBuilder b;
  b.time_stamp = time_stamp;
  b.code_size = 64;
  return TextOf(b.Build());
}

TEST(Archive, EveryFormatAndFilterGivesItsMembers) {
  const std::pair<const char*, const char*> kinds[] = {{"zip", "none"},  {"7zip", "none"},   {"pax", "none"},
                                                       {"pax", "gzip"},  {"gnutar", "xz"},   {"ustar", "bzip2"},
                                                       {"newc", "none"}, {"iso9660", "none"}};
  for (const auto& [format, filter] : kinds) {
    SCOPED_TRACE(std::string(format) + " " + filter);
    ArchiveBuilder b{format, filter};
    b.files = {{"a/first.txt", "one"}, {"second.bin", std::string("\0two", 4)}};
    const Seen seen = See(b.Build());
    // ISO 9660 is read in the order of the bytes, too, which its writer chooses.
    EXPECT_THAT(seen.members, ::testing::UnorderedElementsAre(::testing::Pair("!a/first.txt", "one"),
                                                              ::testing::Pair("!second.bin", std::string("\0two", 4))));
    EXPECT_THAT(seen.codes(), IsEmpty());
  }
}

TEST(Archive, OneCompressedFileIsAMember) {
  for (const char* filter : {"gzip", "xz", "bzip2"}) {
    ArchiveBuilder b{"raw", filter};
    b.files = {{"x", "only this"}};
    const Seen seen = See(b.Build());
    EXPECT_THAT(seen.members, ElementsAre(::testing::Pair("!data", "only this"))) << filter;
  }
}

// An end mark of a tar archive, to libarchive: nothing may hide behind it.
TEST(Archive, ACompressedFileThatBeginsWithZerosIsAMember) {
  for (const char* filter : {"gzip", "xz", "bzip2"}) {
    for (std::size_t zeros : {511u, 512u, 1024u, 4096u, 10'240u}) {
      SCOPED_TRACE(std::string(filter) + " " + std::to_string(zeros));
      const std::string content = std::string(zeros, '\0') + Noise(100) + Pe();
      ArchiveBuilder b{"raw", filter};
      b.files = {{"x", content}};
      const Seen seen = See(b.Build());
      ASSERT_FALSE(seen.members.empty());
      EXPECT_EQ(seen.members.front(), (std::pair<std::string, std::string>("!data", content)));
      EXPECT_EQ(seen.members.back().second, Pe());
      EXPECT_THAT(seen.codes(), IsEmpty());
    }
  }
  ArchiveBuilder bomb{"raw", "gzip"};
  bomb.files = {{"x", std::string(40u << 20, '\0')}};
  MemberLimits limits;
  limits.bytes = 10u << 20;
  EXPECT_THAT(See(bomb.Build(), {}, limits).codes(), ElementsAre("limit-unpacked"));
  // Nothing at all is nothing.
  ArchiveBuilder nothing{"raw", "gzip"};
  nothing.files = {{"x", ""}};
  EXPECT_THAT(See(nothing.Build()).chains(), IsEmpty());
}

TEST(Archive, ACompressedCpioIsAMemberOfItsCompression) {
  ArchiveBuilder b{"newc", "gzip"};
  b.files = {{"a", "1"}};
  EXPECT_THAT(See(b.Build()).chains(), ElementsAre("!data", "!data!a"));
}

TEST(Archive, PasswordsAreTriedInTurn) {
  for (const char* encryption : {"traditional", "aes256"}) {
    for (const char* password : {"infected", "virus", "S3cret of the case"}) {
      SCOPED_TRACE(std::string(encryption) + " " + password);
      ArchiveBuilder b{"zip", "none", password, encryption};
      b.files = {{"one.exe", Noise(3000)}, {"two.exe", Noise(3000, 2)}};
      std::vector<std::string> passwords = CommonPasswords();
      passwords.push_back("");
      passwords.push_back("S3cret of the case");
      const Seen seen = See(b.Build(), passwords);
      EXPECT_THAT(seen.members,
                  ElementsAre(::testing::Pair("!one.exe", Noise(3000)), ::testing::Pair("!two.exe", Noise(3000, 2))));
      EXPECT_THAT(seen.codes(), IsEmpty());
    }
  }
}

// Whatever the salt of the old cipher, no wrong password may give members, and the message comes once.
TEST(Archive, WrongPasswordIsOneNote) {
  std::vector<std::string> wrong;
  for (int i = 0; i < 60; ++i) wrong.push_back("wrong" + std::to_string(i));
  for (int round = 0; round < 20; ++round) {
    ArchiveBuilder b{"zip", "none", "right" + std::to_string(round)};
    b.files = {{"a.exe", Noise(500)}, {"b.exe", Noise(500, 2)}};
    const Seen seen = See(b.Build(), wrong);
    EXPECT_THAT(seen.members, IsEmpty());
    ASSERT_THAT(seen.codes(), ElementsAre("archive-password"));
    EXPECT_THAT(seen.notes[0].note.text, HasSubstr("case.toml"));
  }
}

TEST(Archive, EncryptedSevenZipIsOneNote) {
  const std::string file = EncryptedSevenZip();
  const Seen seen = See(file);
  EXPECT_THAT(seen.members, IsEmpty());
  ASSERT_THAT(seen.codes(), ElementsAre("archive-encrypted"));
  EXPECT_EQ(seen.notes[0].note.text,
            "encryption of 7z archives is not read, so neither a nor the other encrypted members are; unpack it with its password (7z x) and give "
            "the folder or its files instead");
}

TEST(Archive, ATruncatedArchiveGivesWhatIsWhole) {
  for (const auto& [format, filter] : {std::pair{"zip", "none"},
                                       {"pax", "none"},
                                       {"pax", "gzip"},
                                       {"pax", "xz"},
                                       {"7zip", "none"},
                                       {"newc", "none"}}) {
    ArchiveBuilder b{format, filter};
    b.files = {{"one", Noise(20'000)}, {"two", Noise(20'000, 2)}, {"three", Noise(20'000, 3)}};
    const Bytes whole = b.Build();
    for (std::size_t size = 0; size < whole.size(); size += 997) {
      const Seen seen = See({whole.data(), size});
      for (const auto& [chain, content] : seen.members) {
        const std::string name = chain.substr(1);
        EXPECT_EQ(content, Noise(20'000, name == "one" ? 1 : name == "two" ? 2 : 3)) << name;
      }
      if (!ArchiveKind({whole.data(), size}).empty() && seen.members.size() < 3) {
        EXPECT_FALSE(seen.notes.empty()) << format << " " << size;
      }
    }
  }
}

TEST(Archive, ABombStopsAtTheBudget) {
  ArchiveBuilder b{"pax", "gzip"};
  b.files = {{"small", "kept"}, {"zeros", std::string(40u << 20, '\0')}, {"after", "not reached"}};
  const Bytes bomb = b.Build();
  ASSERT_LT(bomb.size(), 100'000u);
  const Seen seen = See(bomb);  // 16 MiB and 250 bytes for each of the file
  EXPECT_THAT(seen.chains(), ElementsAre("!small"));
  EXPECT_THAT(seen.codes(), ElementsAre("limit-unpacked"));
}

// The budget is that of the outer file: levels do not multiply it.
TEST(Archive, ANestedBombStopsAtTheSameBudget) {
  ArchiveBuilder inner{"zip", "none"};
  for (int i = 0; i < 10; ++i)
    inner.files.push_back({"z" + std::to_string(i), std::string(4u << 20, static_cast<char>('a' + i))});
  ArchiveBuilder outer{"zip", "none"};
  for (int i = 0; i < 4; ++i) {
    inner.files[0].second.back() = static_cast<char>(i);
    outer.files.push_back({"i" + std::to_string(i) + ".zip", inner.Text()});
  }
  std::uint64_t unpacked = 0;
  const Bytes bytes = outer.Build();
  const Seen seen = See(bytes);
  for (const auto& [chain, content] : seen.members) unpacked += content.size();
  EXPECT_LE(unpacked, (std::uint64_t{16} << 20) + 250 * bytes.size());
  EXPECT_THAT(seen.codes(), ::testing::Contains("limit-unpacked"));
}

TEST(Archive, AHoleOfFourGigabytesIsNotFilled) {
  // A tar header that declares a 4 GiB file, by the octal size field, with 10 bytes behind it; and a zip whose
  // directory declares 0xFFFFFFFE bytes for a stored member of ten.
  ArchiveBuilder tar{"ustar", "none"};
  tar.files = {{"huge", "ten bytes!"}};
  std::string text = tar.Text();
  text.replace(124, 11, "40000000000");
  unsigned sum = 0;
  text.replace(148, 8, "        ");
  for (std::size_t i = 0; i < 512; ++i) sum += static_cast<unsigned char>(text[i]);
  char checksum[8];
  std::snprintf(checksum, sizeof checksum, "%06o", sum);
  text.replace(148, 7, std::string(checksum, 7));
  const Seen a = See(text);
  EXPECT_THAT(a.members, IsEmpty());
  EXPECT_EQ(a.notes.size(), 1u);

  ArchiveBuilder zip{"zip", "none"};
  zip.files = {{"huge", "ten bytes!"}};
  text = zip.Text();
  const std::size_t directory = text.find(std::string("PK\1\2", 4));
  ASSERT_NE(directory, std::string::npos);
  for (const std::size_t at : {directory + 20, directory + 24, std::size_t{18}, std::size_t{22}})
    text.replace(at, 4, "\xFE\xFF\xFF\xFF");
  const Seen b = See(text);
  for (const auto& [chain, content] : b.members) EXPECT_EQ(content, "ten bytes!") << "what is declared is not believed";
}

TEST(Archive, DepthIsBounded) {
  std::string nested = "the innermost text";
  for (int level = 0; level < 8; ++level) {
    ArchiveBuilder b{level % 2 == 0 ? "zip" : "pax", level % 2 == 0 ? "none" : "gzip"};
    b.files = {{"l" + std::to_string(level), nested}};
    nested = b.Text();
  }
  const Seen seen = See(nested);
  EXPECT_THAT(seen.chains(), ElementsAre("!l7", "!l7!l6", "!l7!l6!l5", "!l7!l6!l5!l4", "!l7!l6!l5!l4!l3"));
  EXPECT_THAT(seen.codes(), ElementsAre("limit-depth"));
  for (std::size_t i = 1; i < seen.members.size(); ++i)
    EXPECT_EQ(seen.parents[i], Sha256Hex(seen.members[i - 1].second));
  EXPECT_EQ(seen.parents[0], Sha256Hex(nested));
}

TEST(Archive, MembersAreBounded) {
  ArchiveBuilder b{"pax", "none"};
  for (int i = 0; i < 30; ++i) b.files.push_back({"f" + std::to_string(i), std::to_string(i)});
  MemberLimits limits;
  limits.members = 10;
  const Seen seen = See(b.Build(), {}, limits);
  EXPECT_EQ(seen.members.size(), 10u);
  EXPECT_THAT(seen.codes(), ElementsAre("limit-members"));
}

TEST(Archive, HostileNamesAreOnlyNames) {
  ArchiveBuilder b{"pax", "none"};
  const std::string long_name(1u << 20, 'n');
  b.files = {{"../../etc/passwd", "1"}, {"/absolute", "2"}, {"C:\\win", "3"},
             {"a\x1B[2Jb", "4"},        {"same", "5"},      {"same", "6"},
             {"..\\up", "8"},           {"fine", "9"}};
  b.links = {{"link", "/etc/shadow"}};
  const Seen seen = See(b.Build());
  EXPECT_EQ(seen.members.size(), 8u) << "links are no members";
  EXPECT_EQ(seen.members[5].second, "6");
  EXPECT_EQ(seen.members[4].first, seen.members[5].first) << "two members of one name differ by their hash";
  ASSERT_THAT(seen.codes(), ElementsAre("archive-names"));
  EXPECT_THAT(seen.notes[0].note.text, HasSubstr("5 members"));

  ArchiveBuilder large{"gnutar", "none"};
  large.files = {{long_name, "7"}};
  const Seen cut = See(large.Build());
  for (const auto& [chain, content] : cut.members) EXPECT_LE(chain.size(), kMaxMemberName + 8);
  EXPECT_EQ(cut.notes.size(), 1u);
}

TEST(Archive, ACpioNameOfFourGigabytesIsRefused) {
  ArchiveBuilder b{"newc", "none"};
  b.files = {{"a", "1"}, {"b", "2"}};
  std::string text = b.Text();
  text.replace(text.rfind("070701", text.size() - 200) + 94, 8, "fffffff0");
  const Seen seen = See(text);
  EXPECT_THAT(seen.members, IsEmpty());
  EXPECT_THAT(seen.codes(), ElementsAre("archive-structure"));
}

TEST(Archive, CopiesAreReadOnce) {
  ArchiveBuilder b;
  b.files = {{"a", "same bytes"}, {"b", "same bytes"}, {"c", "other"}};
  const Seen seen = See(b.Build());
  EXPECT_THAT(seen.chains(), ElementsAre("!a", "!c"));
  EXPECT_THAT(seen.codes(), ElementsAre("archive-copies"));
}

TEST(Archive, TextThatLooksLikeOneIsNone) {
  for (std::string_view text : {"PK and more", "BZh9 is a tag", "070701 is a date in some countries", "7z", ""})
    EXPECT_EQ(ArchiveKind(text), "") << text;
}

TEST(Carve, FindsPeElfAndMachO) {
  ElfBuilder elf;
  elf.functions = {{"f", 16, true, true, false, false}};
  MachOBuilder macho;
  macho.functions = {{"f", true, true, true, false}};
  const std::string images[] = {Pe(), TextOf(elf.Build().bytes), TextOf(macho.Build().bytes)};
  std::string file = "%PDF-1.4\n";
  std::vector<std::string> chains;
  for (const std::string& image : images) {
    file += Noise(777);
    char at[32];
    std::snprintf(at, sizeof at, "#0x%zx", file.size());
    chains.emplace_back(at);
    file += image;
  }
  file += Noise(1000);
  const Seen seen = See(file);
  ASSERT_EQ(seen.chains(), chains);
  for (std::size_t i = 0; i < 3; ++i) {
    // An image ends where its headers say; builders pad nothing, so that is all of it but for bytes that no table
    // claims.
    EXPECT_TRUE(images[i].starts_with(seen.members[i].second)) << i;
    EXPECT_GT(seen.members[i].second.size() + 64, images[i].size()) << i;
    EXPECT_TRUE(ParseExecutable(seen.members[i].second)) << i;
    EXPECT_EQ(seen.parents[i], Sha256Hex(file));
  }
}

TEST(Carve, FindsPeUnderAKey) {
  const std::string image = Pe();
  for (int key : {1, 0x5A, 0xFF}) {
    std::string file = Noise(100);
    for (char c : image) file += static_cast<char>(c ^ key);
    file += Noise(100);
    const Seen seen = See(file);
    ASSERT_EQ(seen.members.size(), 1u) << key;
    EXPECT_EQ(seen.members[0].second, image);
    char chain[32];
    std::snprintf(chain, sizeof chain, "#0x64^0x%02x", key);
    EXPECT_EQ(seen.members[0].first, chain);
  }
}

TEST(Carve, TheFileItselfIsNotInItself) {
  ElfBuilder elf;
  MachOBuilder macho;
  EXPECT_THAT(See(Pe()).members, IsEmpty());
  EXPECT_THAT(See(elf.Build().bytes).members, IsEmpty());
  const Bytes thin = macho.Build().bytes;
  EXPECT_THAT(See(thin).members, IsEmpty());
  EXPECT_THAT(See(MachOBuilder::Fat({thin, thin}, {7, 0x0100'0007})).members, IsEmpty());
}

TEST(Carve, AnOverlayIsFoundAndSoIsWhatItCarries) {
  const std::string inner = Pe(1), middle = Pe(2), outer = Pe(3);
  const Seen seen = See(outer + middle + inner);
  EXPECT_EQ(seen.members.size(), 2u);
  const Seen twice = See(outer + middle + middle + outer);
  EXPECT_EQ(twice.members.size(), 2u)
      << "a copy says nothing new; the program without what was appended to it is another file";
}

TEST(Carve, InsideAnArchiveAndCutOff) {
  const std::string pe = Pe();
  ArchiveBuilder b;
  b.files = {{"doc.pdf", "%PDF-1.4\n" + Noise(100) + pe.substr(0, pe.size() - 40)}};
  const Seen seen = See(b.Build());
  ASSERT_EQ(seen.members.size(), 2u);
  EXPECT_EQ(seen.members[1].first, "!doc.pdf#0x6d");
  EXPECT_EQ(seen.members[1].second, pe.substr(0, pe.size() - 40));
}

// Headers every 64 bytes and tables that all headers share: the work stays bounded, the images too.
TEST(Carve, ForgedHeadersAreBounded) {
  std::string pe = Pe().substr(0, 0x400), file;
  while (file.size() < (4u << 20)) file += pe;
  EXPECT_LE(FindImages(file).images.size(), kMaxCarvedImages);

  std::string elf(64, '\0');
  elf.replace(0, 7, std::string("\177ELF\2\1\1", 7));
  elf[0x10] = 3;
  elf[0x12] = 62;
  elf[0x34] = 64;
  elf[0x36] = 56;
  elf[0x3A] = 64;
  std::string many;
  while (many.size() < (4u << 20)) {
    std::string one = elf;
    const std::uint64_t offset = (4u << 20) - many.size();  // a table of sections that begins at the end of all
    for (int i = 0; i < 8; ++i) one[0x28 + i] = static_cast<char>(offset >> (8 * i));
    one[0x3C] = one[0x3D] = static_cast<char>(0xFF);
    many += one;
  }
  many += std::string(64u * 0xFFFF, '\1');
  const Carving carving = FindImages(many);
  EXPECT_LE(carving.images.size(), kMaxCarvedImages);
}

}  // namespace
}  // namespace ascribe
