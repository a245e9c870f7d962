#include "store/tables.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "base/io.h"
#include "model/fact_record.h"

namespace ascribe {
namespace {

const std::filesystem::path kTables = std::filesystem::path(ASCRIBE_SOURCE_DIR) / "data/tables";

Entity E(std::string_view text) {
  const auto entity = ParseEntity(text);
  EXPECT_TRUE(entity) << text;
  return entity ? *entity : Entity{};
}

class HygieneTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto loaded = Hygiene::Load(kTables);
    ASSERT_TRUE(loaded) << loaded.error().message;
    hygiene_ = std::make_unique<Hygiene>(std::move(*loaded));
  }
  static void TearDownTestSuite() { hygiene_.reset(); }
  static std::string Class(std::string_view text) { return std::string(hygiene_->ClassOf(E(text)).value_or("-")); }
  static bool Shared(std::string_view text) { return hygiene_->IsShared(E(text)); }
  inline static std::unique_ptr<Hygiene> hygiene_;
};

TEST_F(HygieneTest, Ranges) {
  EXPECT_EQ(Class("ipv4:10.1.2.3"), "reserved-range");
  EXPECT_EQ(Class("ipv4:8.8.8.8"), "public-dns");
  EXPECT_EQ(Class("ipv4:104.16.1.1"), "cdn");  // Cloudflare
  EXPECT_EQ(Class("cidr:192.168.7.0/24"), "reserved-range");
  EXPECT_EQ(Class("cidr:0.0.0.0/0"), "-");
  EXPECT_EQ(Class("ipv6:fe80::1"), "reserved-range");
  EXPECT_EQ(Class("ipv6:2606:4700::1"), "cdn");
  EXPECT_EQ(Class("ipv4:175.45.177.9"), "-");  // North Korea's range is on no list
  EXPECT_EQ(Class("url:http://10.0.0.1/x"), "reserved-range");
  EXPECT_EQ(Class("url:http://[fe80::1]:8080/x"), "reserved-range");
}

TEST_F(HygieneTest, DomainsAndWhatLiesBelow) {
  EXPECT_EQ(Class("domain:3322.org"), "dynamic-dns");
  EXPECT_EQ(Class("domain:evil.3322.org"), "dynamic-dns");
  EXPECT_TRUE(Shared("domain:3322.org"));
  EXPECT_FALSE(Shared("domain:evil.3322.org"));  // one party registered it
  EXPECT_EQ(Class("domain:google.com"), "top-domain");
  EXPECT_TRUE(Shared("domain:www.google.com"));
  EXPECT_EQ(Class("domain:nogoogle.com"), "-");
  EXPECT_EQ(Class("domain:evil.example.net"), "reserved-domain");
  EXPECT_EQ(Class("domain:evil.elpmaxe.net"), "-");
  EXPECT_EQ(Class("url:https://bit.ly/abc"), "url-shortener");
  EXPECT_FALSE(Shared("url:https://bit.ly/abc"));
}

TEST_F(HygieneTest, HashesAndSoftware) {
  EXPECT_EQ(Class("file-md5:d41d8cd98f00b204e9800998ecf8427e"), "false-positive-hash");
  EXPECT_EQ(Class("file-md5:d1c27ee7ce18675974edf42d4eea25c6"), "-");
  EXPECT_EQ(Class("tool:psexec"), "dual-use-tool");
  EXPECT_EQ(Class("malware:Cobalt Strike"), "dual-use-tool");
  EXPECT_EQ(Class("malware:shamoon"), "-");
  EXPECT_TRUE(Shared("tool:mimikatz"));
  EXPECT_EQ(hygiene_->PublicSince(E("tool:mimikatz"))->ToString(), "2011-12-31");
  EXPECT_EQ(hygiene_->PublicSince(E("tool:eldos-rawdisk"))->ToString(), "2007-03-14");
  EXPECT_FALSE(hygiene_->PublicSince(E("tool:psexec")));
}

TEST_F(HygieneTest, RentedSpaceIsListedButNotShared) {
  EXPECT_EQ(Class("ipv4:3.80.0.1"), "cloud");
  EXPECT_FALSE(Shared("ipv4:3.80.0.1"));
  EXPECT_TRUE(Shared("ipv4:104.16.1.1"));
}

TEST_F(HygieneTest, LoadsFast) {
  const auto start = std::chrono::steady_clock::now();
  const auto again = Hygiene::Load(kTables);
  const std::chrono::duration<double, std::milli> ms = std::chrono::steady_clock::now() - start;
  ASSERT_TRUE(again);
  EXPECT_GT(again->size(), 80'000u);
  EXPECT_LT(ms.count(), 1000.0);  // 50 ms in a release build; sanitizers cost a factor of 10
  RecordProperty("milliseconds", std::to_string(ms.count()));
}

TEST(Hygiene, MissingOrBrokenTablesAreErrors) {
  EXPECT_FALSE(Hygiene::Load("/nonexistent"));
  const auto dir = std::filesystem::temp_directory_path() / "ascribe-tables-test";
  std::filesystem::create_directories(dir);
  EXPECT_EQ(Hygiene::Load(dir).error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(WriteFileAtomic(dir / "hygiene-ranges-cdn.tsv", "range\n1.2.3.4/33\n"));
  const auto bad = Hygiene::Load(dir);
  ASSERT_FALSE(bad);
  EXPECT_NE(bad.error().message.find("hygiene-ranges-cdn.tsv, line 2"), std::string::npos) << bad.error().message;
  std::filesystem::remove_all(dir);
}

class AttackTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto loaded = AttackTables::Load(kTables);
    ASSERT_TRUE(loaded) << loaded.error().message;
    tables_ = std::make_unique<AttackTables>(std::move(*loaded));
  }
  static void TearDownTestSuite() { tables_.reset(); }
  inline static std::unique_ptr<AttackTables> tables_;
};

TEST_F(AttackTest, ObjectsAndRevocations) {
  ASSERT_NE(tables_->Find("G0032"), nullptr);
  EXPECT_EQ(tables_->Find("G0032")->name, "Lazarus Group");
  EXPECT_EQ(tables_->Find("X1"), nullptr);
  EXPECT_EQ(tables_->CurrentId("T1086"), "T1059.001");
  EXPECT_EQ(tables_->CurrentId("T1059.001"), "T1059.001");
  EXPECT_EQ(tables_->CurrentId("nonsense"), "nonsense");
  EXPECT_EQ(tables_->newest_release(), "18.1");
  EXPECT_NE(tables_->TacticsOf("T1059.001").find("execution"), std::string_view::npos);
}

TEST_F(AttackTest, Mitigations) {
  EXPECT_FALSE(tables_->MitigationsOf("T1059.001").empty());
  for (const AttackObject* m : tables_->MitigationsOf("T1021.002")) EXPECT_EQ(m->kind, "mitigation");
  EXPECT_TRUE(tables_->MitigationsOf("T9999").empty());
}

TEST_F(AttackTest, FactsKnowOnlyThePast) {
  const KnowledgeImport old = tables_->AsFacts(Date::FromCivil(2018, 1, 1));
  const KnowledgeImport now = tables_->AsFacts(Date::FromCivil(2026, 1, 1));
  EXPECT_GT(old.facts.size(), 500u);
  EXPECT_GT(now.facts.size(), 17'000u);
  for (const Fact& fact : old.facts) {
    ASSERT_TRUE(fact.known_on);
    EXPECT_LE(fact.known_on->LastDay(), Date::FromCivil(2018, 1, 1));
    EXPECT_TRUE(FitsRelation(fact)) << fact.subject.ToString() << " " << RelationName(fact.relation);
  }
  const auto has = [](const KnowledgeImport& k, std::string_view s, Relation r, std::string_view o) {
    return std::any_of(k.facts.begin(), k.facts.end(), [&](const Fact& f) {
      return f.subject.ToString() == s && f.relation == r && f.object.ToString() == o;
    });
  };
  EXPECT_TRUE(has(now, "actor:mitre.G0034", Relation::kUses, "malware:blackenergy"));
  EXPECT_TRUE(has(now, "actor:mitre.G0032", Relation::kNamed, "text:HIDDEN COBRA"));
  EXPECT_TRUE(has(now, "tool:psexec", Relation::kListedAs, "hygiene:dual-use-tool"));
  EXPECT_FALSE(has(old, "actor:mitre.G0034", Relation::kUses, "malware:industroyer2"));
  EXPECT_EQ(now.sources.size(), 1u);
  EXPECT_EQ(now.version, "18.1");
}

TEST_F(AttackTest, EmptyBeforeTheFirstRelease) {
  EXPECT_TRUE(tables_->AsFacts(Date::FromCivil(2010, 1, 1)).facts.empty());
}

}  // namespace
}  // namespace ascribe
