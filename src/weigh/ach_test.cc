#include "weigh/ach.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "store/test_world.h"
#include "weigh/assess.h"

namespace ascribe {
namespace {

Assessment AssessWorld(World& world) {
  const Seen seen(world);
  return Assess({world.data, seen.knowledge, world.parameters, world.as_of, nullptr});
}

const AchTable& Operators(const Assessment& a) { return a.ach.at(static_cast<std::size_t>(Level::kOperator)); }

TEST(Ach, RowsAreRivalsAndColumnsFallInDiagnosticity) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Attack("attack:b", "actor:y");
  world.Know("attack:a contains code-function:f");
  world.Know("attack:a contains mutex:m");
  world.Know("attack:b contains mutex:m");
  world.See("incident:self contains code-function:f");
  world.See("incident:self contains mutex:m");
  const Assessment a = AssessWorld(world);
  const AchTable& table = Operators(a);
  ASSERT_GE(table.rows.size(), 4u);
  EXPECT_EQ(table.rows[0].hypothesis, "actor:x");
  EXPECT_EQ(table.rows[1].hypothesis, "actor:y");
  EXPECT_EQ(table.rows[2].hypothesis, "false-flag:actor:x");
  EXPECT_EQ(table.rows[3].hypothesis, "unknown");
  ASSERT_GE(table.columns.size(), 2u);
  for (std::size_t i = 1; i < table.columns.size(); ++i)
    EXPECT_GE(table.columns[i - 1].diagnosticity, table.columns[i].diagnosticity);
  for (const AchColumn& column : table.columns) {
    ASSERT_EQ(column.cells.size(), table.rows.size());
    EXPECT_EQ(column.cells[3], 0) << "evidence is measured against unknown";
    const Claim* claim = a.FindClaim(column.claim);
    ASSERT_NE(claim, nullptr);
    EXPECT_NEAR(column.cells[2], claim->copyable ? std::max(0.0, column.cells[0]) : 0, 1e-9);
    const auto [least, most] = std::minmax_element(column.cells.begin(), column.cells.end());
    EXPECT_NEAR(column.diagnosticity, *most - *least, 1e-12);
  }
  const Claim* first = a.FindClaim(table.columns[0].claim);
  EXPECT_EQ(first->thing, "code-function:f") << "only one of them holds it";
}

TEST(Ach, WhatSpeaksForNobodyInTheRowsIsNotDiagnostic) {
  World world;
  for (const char* actor : {"x", "y", "z"}) world.Attack(std::string("attack:") + actor, std::string("actor:") + actor);
  for (const char* held : {"attack:x contains code-function:f", "attack:x contains pipe:q", "attack:y contains pipe:r", "attack:z contains mutex:m"})
    world.Know(held);
  for (const char* seen : {"code-function:f", "pipe:q", "pipe:r", "mutex:m"}) world.See(std::string("incident:self contains ") + seen);
  const Assessment a = AssessWorld(world);
  const AchTable& table = Operators(a);
  std::set<std::string> rows;
  for (const AchRow& row : table.rows) rows.insert(row.hypothesis);
  bool other = false;
  for (const AchColumn& column : table.columns) {
    const Claim* claim = a.FindClaim(column.claim);
    const bool in_rows = std::any_of(claim->contributions.begin(), claim->contributions.end(), [&](const Contribution& c) {
      return c.level == Level::kOperator && rows.count(c.hypothesis) > 0 && c.nats > 0.01;
    });
    EXPECT_TRUE(!in_rows || column.diagnostic) << claim->statement;
    other |= !column.diagnostic;
  }
  EXPECT_TRUE(other) << "one of three actors stands in no row";
}

TEST(Ach, AnEmptyCaseHasNoColumns) {
  World world;
  const Assessment a = AssessWorld(world);
  ASSERT_EQ(a.ach.size(), 3u);
  EXPECT_TRUE(Operators(a).columns.empty());
}

}  // namespace
}  // namespace ascribe
