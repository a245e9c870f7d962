#pragma once

#include <algorithm>
#include <string>

#include "base/text.h"
#include "store/test_world.h"
#include "weigh/assess.h"

namespace ascribe {

/// What attackers write into evidence: escapes, bidirectional marks, formulas, quotes, line breaks, very long words.
inline const std::vector<std::string>& HostileTexts() {
  static const std::vector<std::string> kTexts = {"\x1b[2J\x1b]0;owned\x07",
                                                  "\xe2\x80\xae"
                                                  "gnp.exe",
                                                  "=cmd|' /C calc'!A0",
                                                  "+1",
                                                  "-1",
                                                  "@SUM(A1)",
                                                  "\"quoted\",\r\nnext",
                                                  "tab\there",
                                                  "</script><b>",
                                                  "\\u0000",
                                                  "{\"a\":1}",
                                                  std::string(3000, 'w'),
                                                  "caf\xc3\xa9 \xe4\xb8\xad\xe6\x96\x87",
                                                  "back\\slash / slash",
                                                  "\x7f\xc2\x9b"};
  return kTexts;
}

/// A case in which every text that evidence controls is hostile.
inline World HostileWorld() {
  World world;
  world.Attack("attack:a", "actor:x");
  std::size_t n = 0;
  for (const std::string& text : HostileTexts()) {
    Fact known;
    known.subject = {EntityType::kAttack, "a"};
    known.relation = Relation::kContains;
    known.object = {EntityType::kString, SanitizeUtf8(text)};
    world.Know("attack:a contains string:x").object = known.object;
    Fact& fact = world.See("sample:s contains string:x");
    fact.object = known.object;
    fact.note = text;
    fact.evidence = std::string(64, static_cast<char>('a' + n % 6));
    fact.extractor = "test@1";
    fact.locator = {Locator::Kind::kJsonPointer, n, 0, SanitizeUtf8(text)};
    Fact& named = world.Know("actor:x named text:x");
    named.object.value = SanitizeUtf8(text);
    ++n;
  }
  world.data.info.title = SanitizeUtf8(HostileTexts()[0] + HostileTexts()[1]);
  world.data.info.questions = {SanitizeUtf8(HostileTexts()[6])};
  for (std::size_t i = 0; i < 6; ++i) {
    Evidence evidence;
    evidence.sha256 = std::string(64, static_cast<char>('a' + i));
    evidence.name = "evidence/" + SanitizeUtf8(HostileTexts()[i]);
    evidence.source = "A1-report";
    evidence.reader = "test@1";
    evidence.size = i;
    world.data.evidence.push_back(evidence);
  }
  world.data.diagnostics.push_back(
      {Diagnostic::Severity::kWarning, std::string(64, 'a'), {}, "odd", SanitizeUtf8(HostileTexts()[0])});
  world.SourceOf("A1-report").publisher = SanitizeUtf8(HostileTexts()[0]);
  std::sort(world.data.facts.begin(), world.data.facts.end(), FactLess);
  return world;
}

inline Assessment AssessWorld(World& world) {
  const Seen seen(world);
  return Assess({world.data, seen.knowledge, world.parameters, world.as_of, nullptr});
}

}  // namespace ascribe
