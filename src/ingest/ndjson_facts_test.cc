#include "ingest/ndjson_facts.h"

#include <gtest/gtest.h>

namespace ascribe {
namespace {

int Sniff(std::string_view head, std::string_view name) { return SniffNdjsonFacts(ByteView(head), name); }

TEST(NdjsonFacts, Reads) {
  const Reading reading = ReadNdjsonFacts(ByteView("{\"relation\":\"uses\",\"object\":\"tool:a\"}\n{"), "");
  ASSERT_EQ(reading.facts.size(), 1u);
  ASSERT_EQ(reading.diagnostics.size(), 1u);
  EXPECT_EQ(reading.diagnostics[0].locator.offset, 2u);
}

TEST(NdjsonFacts, SniffByContent) {
  EXPECT_EQ(Sniff("{\"relation\":\"uses\",\"object\":\"tool:a\"}\n", ""), 90);
  EXPECT_EQ(Sniff("\xEF\xBB\xBF\n{\"object\":\"tool:a\",\"relation\":\"uses\"}", "x.txt"), 90);
  EXPECT_EQ(Sniff("{\"schema\":\"ascribe-fact/1\",\"subj", ""), 85);
  EXPECT_EQ(Sniff("{\"relation\":\"uses\",\"object\":\"to", "a.ndjson"), 60);
}

TEST(NdjsonFacts, SniffLeavesForeignFilesToOthers) {
  EXPECT_EQ(Sniff("{\"type\":\"bundle\",\"objects\":[]}", "a.json"), 0);
  EXPECT_EQ(Sniff("{\"event\":1}\n{\"event\":2}\n", "a.jsonl"), 5);
  EXPECT_EQ(Sniff("noise", "a.ndjson"), 5);
  EXPECT_EQ(Sniff("noise", "a.txt"), 0);
}

TEST(NdjsonFacts, SniffEmptyByName) {
  EXPECT_EQ(Sniff("", "a.ndjson"), 50);
  EXPECT_EQ(Sniff(" \n", "A.JSONL"), 50);
  EXPECT_EQ(Sniff("", "a.json"), 0);
}

}  // namespace
}  // namespace ascribe
