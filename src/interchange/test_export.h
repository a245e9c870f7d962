#pragma once

#include <algorithm>
#include <optional>
#include <string>

#include "interchange/export_view.h"
#include "report/hostile_case.h"
#include "store/test_world.h"

namespace ascribe {

/// A world, its assessment and what exports need; the view is made anew for each limit.
struct ExportedWorld {
  explicit ExportedWorld(World& world) : data(world.data) {
    const Seen seen(world);
    data = world.data;  // Seen sorts the facts
    assessment = Assess({world.data, seen.knowledge, world.parameters, world.as_of, nullptr});
    knowledge = KnowledgeForExport(data, assessment, seen.knowledge, nullptr);
  }
  [[nodiscard]] ExportView View(std::optional<Tlp> limit = std::nullopt) const {
    return MakeExportView(data, assessment, knowledge, limit);
  }

  CaseData data;
  Assessment assessment;
  ExportKnowledge knowledge;
};

/// Adds a file of evidence to a world; its SHA-256 is one letter repeated.
inline std::string AddEvidence(World& world, char letter, Tlp tlp) {
  Evidence evidence;
  evidence.sha256 = std::string(64, letter);
  evidence.name = std::string("evidence/") + letter + ".csv";
  evidence.source = "A1-report";
  evidence.reader = "test@1";
  evidence.tlp = tlp;
  world.data.evidence.push_back(evidence);
  std::sort(world.data.evidence.begin(), world.data.evidence.end(),
            [](const Evidence& a, const Evidence& b) { return a.sha256 < b.sha256; });
  return evidence.sha256;
}

/// A case with a bit of everything that exports have a place for; all of it TLP:CLEAR.
inline World BusyWorld() {
  World world;
  world.data.info.title = "A busy case";
  world.data.info.tlp = Tlp::kClear;
  world.data.info.victim_name = "Example Corp";
  world.Attack("attack:a", "actor:x");
  world.Attack("attack:b", "actor:y");
  world.Know("attack:a contains mutex:shared-mutex");
  world.Know("attack:a uses technique:T1485");
  world.Know("attack:b uses technique:T1003");
  world.Know("actor:x named text:Group X");
  const std::string clear = AddEvidence(world, 'a', Tlp::kClear);
  world.SourceOf("A1-report").published = ParseTime("2020-06-02");
  world.SourceOf("A1-report").url = "https://report.example/one";
  for (const char* text :
       {"incident:self observed ipv4:198.51.100.3", "incident:self communicates-with domain:c2.example.net",
        "domain:c2.example.net resolves-to ipv4:198.51.100.7", "ipv4:198.51.100.3 located-in country:TH",
        "incident:self contains mutex:shared-mutex", "incident:self uses malware:wiper-one",
        "malware:wiper-one named text:Wiper One", "incident:self uses technique:T1485",
        "incident:self uses technique:T1003", "incident:self targets sector:media", "incident:self targets country:US",
        "incident:self observed sample:s1", "sample:s1 contains file-md5:00112233445566778899aabbccddeeff",
        "sample:s1 communicates-with ipv4:198.51.100.3",
        "incident:self contains imphash:00112233445566778899aabbccddeeff", "incident:self attributed-to country:KP",
        "incident:self exhibits capability:wiping", "incident:self observed ipv4:10.0.0.1"})
    world.See(text).evidence = clear;
  return world;
}

/// Names whoever leads at operator level, under this gate.
inline void SetGate(Assessment& assessment, const std::string& gate, const std::string& hypothesis = "actor:x") {
  assessment.verdict.level = Level::kOperator;
  assessment.verdict.gate = gate;
  assessment.verdict.hypothesis = hypothesis;
  assessment.verdict.name = "Group X";
  assessment.verdict.likelihood = "likely";
}

}  // namespace ascribe
