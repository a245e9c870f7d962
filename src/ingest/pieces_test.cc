#include "ingest/pieces.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/sha256.h"
#include "binary/pe_builder.h"
#include "container/archive_builder.h"
#include "ingest/case_file.h"

namespace ascribe {
namespace {

using ::testing::HasSubstr;

std::string Pe() {
  PeBuilder b;
  b.code_size = 64;
  b.pdb_path = "D:\\work\\in.pdb";
  const Bytes bytes = b.Build();
  return {bytes.begin(), bytes.end()};
}

TEST(Pieces, EachMemberIsReadByItsReaderAndLeadsToTheArchive) {
  ArchiveBuilder inner;
  inner.files = {{"evil.exe", Pe()}};
  ArchiveBuilder outer{"pax", "gzip"};
  outer.files = {
      {"note.txt", "They used evil[.]com.\n"}, {"in.zip", inner.Text()}, {"data.bin", std::string("\0\1\2", 3)}};
  const Bytes bytes = outer.Build();
  const std::vector<Piece> pieces = ReadPieces(bytes, "evidence/a.tgz", {});
  ASSERT_EQ(pieces.size(), 5u);
  const char* names[] = {"evidence/a.tgz", "evidence/a.tgz!note.txt", "evidence/a.tgz!in.zip",
                         "evidence/a.tgz!in.zip!evil.exe", "evidence/a.tgz!data.bin"};
  const char* readers[] = {"archive@1", "report-text@1", "archive@1", "pe@3", ""};
  const std::size_t parents[] = {0, 0, 0, 2, 0};
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(pieces[i].evidence.name, names[i]);
    EXPECT_EQ(pieces[i].evidence.reader, readers[i]);
    EXPECT_EQ(pieces[i].evidence.parent, i == 0 ? "" : pieces[parents[i]].evidence.sha256);
    for (const Fact& fact : pieces[i].reading.facts) EXPECT_EQ(fact.evidence, pieces[i].evidence.sha256);
  }
  const auto pdb = std::find_if(pieces[3].reading.facts.begin(), pieces[3].reading.facts.end(),
                                [](const Fact& f) { return f.object.type == EntityType::kPdbPath; });
  ASSERT_NE(pdb, pieces[3].reading.facts.end());
  const Bytes again = BytesOfPiece(bytes, pdb->evidence, {});
  EXPECT_EQ(ByteView(again).Slice(pdb->locator.offset, 14)->text(), "D:\\work\\in.pdb")
      << "the locator leads to the bytes of the member";
  EXPECT_TRUE(BytesOfPiece(bytes, std::string(64, '0'), {}).empty());
  ASSERT_EQ(pieces[0].reading.diagnostics.size(), 1u);
  EXPECT_EQ(pieces[0].reading.diagnostics[0].code, "unrecognised");
}

TEST(Pieces, AnEmbeddedProgramIsAFactOfWhatHoldsIt) {
  const std::string file = std::string("\0\1junk", 6) + Pe();
  const std::vector<Piece> pieces = ReadPieces(file, "blob", {});
  ASSERT_EQ(pieces.size(), 2u);
  EXPECT_EQ(pieces[0].evidence.reader, kCarvedExtractor);
  ASSERT_EQ(pieces[0].reading.facts.size(), 1u);
  const Fact& fact = pieces[0].reading.facts[0];
  EXPECT_EQ(fact.subject.ToString(), "sample:" + Sha256Hex(file));
  EXPECT_EQ(fact.relation, Relation::kContains);
  EXPECT_EQ(fact.object.ToString(), "file-sha256:" + pieces[1].evidence.sha256);
  EXPECT_EQ(Sha256Hex(*ByteView(file).Slice(fact.locator.offset, fact.locator.length)), pieces[1].evidence.sha256);
  EXPECT_EQ(pieces[1].evidence.media, "pe");
}

TEST(Pieces, MarkupOfOfficeFilesStatesNothing) {
  ArchiveBuilder b;
  b.files = {{"word/document.xml",
              "<?xml version=\"1.0\"?><w:document xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006\"/>"},
             {"word/embeddings/o.bin", "xx" + Pe()}};
  const std::vector<Piece> pieces = ReadPieces(b.Build(), "d.docx", {});
  ASSERT_EQ(pieces.size(), 4u);
  EXPECT_EQ(pieces[1].evidence.reader, "");
  EXPECT_TRUE(pieces[1].reading.facts.empty());
  EXPECT_EQ(pieces[3].evidence.name, "d.docx!word/embeddings/o.bin#0x2");
}

TEST(Pieces, TheKeyChangesWithThePasswords) {
  EXPECT_NE(PiecesKey({}), PiecesKey({"a"}));
  EXPECT_NE(PiecesKey({"a", "b"}), PiecesKey({"ab"}));
  EXPECT_EQ(PiecesKey({"a"}), PiecesKey({"a"}));
}

TEST(CaseFilePasswords, AreReadAndChecked) {
  const std::string start = "format = \"ascribe-case/1\"\nid = \"x\"\n[dates]\nincident = \"2020-01-01\"\n[archives]\n";
  const auto good = ParseCaseFile(start + "passwords = [\"one\", \"two\"]\n");
  ASSERT_TRUE(good) << good.error().message;
  EXPECT_THAT(good->archive_passwords, ::testing::ElementsAre("one", "two"));
  for (const char* bad : {"passwords = \"one\"\n", "passwords = [\"\"]\n", "passwords = [3]\n", "\n"}) {
    const auto result = ParseCaseFile(start + bad);
    ASSERT_FALSE(result) << bad;
    EXPECT_THAT(result.error().message, HasSubstr("archives"));
  }
}

}  // namespace
}  // namespace ascribe
