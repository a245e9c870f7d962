#include "ingest/executable_facts.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/io.h"
#include "base/sha256.h"
#include "ingest/reader.h"

namespace ascribe {
namespace {

bool Says(const Reading& reading, std::string_view code) {
  return std::any_of(reading.diagnostics.begin(), reading.diagnostics.end(), [&](const Diagnostic& d) { return d.code == code; });
}

TEST(ExecutableFacts, AnElfProgramGivesItsHashes) {
  const auto self = ReadFile("/proc/self/exe", std::uint64_t{1} << 30);
  ASSERT_TRUE(self);
  ASSERT_NE(FindReader(*self, "found"), nullptr);
  EXPECT_EQ(FindReader(*self, "found")->name, "executable");
  const Reading reading = ReadExecutable(*self, "found");
  ASSERT_GT(reading.facts.size(), 4u) << "hashes and what stands inside";
  EXPECT_EQ(reading.facts[0].object.value, Sha256Hex(*self));
  EXPECT_TRUE(std::any_of(reading.facts.begin(), reading.facts.end(), [](const Fact& f) { return f.object.value.starts_with("import: "); }));
  for (const Fact& fact : reading.facts) EXPECT_LE(fact.locator.offset + fact.locator.length, self->size());
  EXPECT_TRUE(Says(reading, "executable-machine"));
  EXPECT_FALSE(Says(reading, "executable-packed"));
}

TEST(ExecutableFacts, WhatIsCutOffStillHasHashesAndSaysSo) {
  const std::string cut("\177ELF\x02\x01\x01", 7);
  EXPECT_GT(SniffExecutable(cut, "x"), 0);
  const Reading reading = ReadExecutable(cut, "x");
  EXPECT_EQ(reading.facts.size(), 4u);
  EXPECT_TRUE(Says(reading, "executable-structure"));
}

TEST(ExecutableFacts, OtherFilesAreNotTheirs) {
  for (const char* text : {"MZ", "", "ELF", "#!/bin/sh\n", "\177EL"}) EXPECT_EQ(SniffExecutable(text, "a.so"), 0) << text;
}

}  // namespace
}  // namespace ascribe
