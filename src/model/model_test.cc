#include <gtest/gtest.h>

#include "model/entity.h"
#include "model/fact.h"

namespace ascribe {
namespace {

std::string Canon(std::string_view text) {
  const auto entity = ParseEntity(text);
  return entity ? entity->ToString() : "error: " + entity.error().message;
}

TEST(Entity, CanonicalForms) {
  EXPECT_EQ(Canon("file-md5:D1C27EE7CE18675974EDF42D4EEA25C6"), "file-md5:d1c27ee7ce18675974edf42d4eea25c6");
  EXPECT_EQ(Canon("domain:Evil[.]Example(dot)COM."), "domain:evil.example.com");
  EXPECT_EQ(Canon("url:hxxp://Evil[.]example"), "url:http://evil.example/");
  EXPECT_EQ(Canon("ipv6:2001:DB8::1"), "ipv6:2001:db8::1");
  EXPECT_EQ(Canon("cidr:175.45.177.9/22"), "cidr:175.45.176.0/22");
  EXPECT_EQ(Canon("technique:t1021.002"), "technique:T1021.002");
  EXPECT_EQ(Canon("compile-time:2013-03-20T04:07+09:00"), "compile-time:2013-03-19T19:07:00Z");
  EXPECT_EQ(Canon("pdb-path:C:\\a:b"), "pdb-path:C:\\a:b");
}

TEST(Entity, RefusesWhatIsNone) {
  for (const char* bad : {"file-md5:xyz", "ipv4:1.2.3.4.5", "cidr:1.2.3.4/33", "technique:T12", "country:USA", "incident:other",
                          "nonsense:1", "mutex:", "plain", "email:a@b@c", "url:nohost", "domain:nodot"})
    EXPECT_FALSE(ParseEntity(bad)) << bad;
  EXPECT_FALSE(MakeEntity(EntityType::kMutex, std::string(kMaxEntityValue + 1, 'a')));
}

TEST(Entity, NamesRoundTrip) {
  for (std::size_t i = 0; i < kEntityTypeCount; ++i) {
    const auto type = static_cast<EntityType>(i);
    EXPECT_EQ(ParseEntityType(EntityTypeName(type)), type);
  }
  for (std::size_t i = 0; i < kRelationCount; ++i) {
    const auto relation = static_cast<Relation>(i);
    EXPECT_EQ(ParseRelation(RelationName(relation)), relation);
  }
}

TEST(Fact, IdIgnoresTheNoteOnly) {
  Fact fact;
  fact.object = *ParseEntity("mutex:abc");
  Fact other = fact;
  other.note = "seen";
  EXPECT_EQ(fact.Id(), other.Id());
  other.source = "x";
  EXPECT_NE(fact.Id(), other.Id());
}

}  // namespace
}  // namespace ascribe
