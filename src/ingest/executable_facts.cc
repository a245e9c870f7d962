#include "ingest/executable_facts.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/sha256.h"
#include "binary/executable.h"
#include "ingest/program_texts.h"

namespace ascribe {
namespace {

using Severity = Diagnostic::Severity;

void Add(Reading& reading, Entity subject, EntityType type, const std::string& value) {
  Fact fact;
  fact.subject = std::move(subject);
  fact.relation = Relation::kObserved;
  fact.object = {type, value};
  fact.extractor = std::string(kExecutableExtractor);
  fact.verification = Verification::kMeasured;
  reading.facts.push_back(std::move(fact));
}

}  // namespace

int SniffExecutable(ByteView head, std::string_view) {
  if (head.text().starts_with("MZ") || !LooksExecutable(head)) return 0;
  // "\x7F" "ELF" is nothing else; the fat magic of Mach-O is also that of Java classes, which fail to parse.
  return head.text().starts_with("\177ELF") ? 95 : ParseExecutable(head) ? 90 : 40;
}

Reading ReadExecutable(ByteView bytes, std::string_view) {
  Reading reading;
  const std::string sha256 = Sha256Hex(bytes);
  const Entity sample{EntityType::kSample, sha256};
  Add(reading, {EntityType::kIncident, "self"}, EntityType::kFileSha256, sha256);
  Add(reading, sample, EntityType::kFileSha256, sha256);
  Add(reading, sample, EntityType::kFileSha1, Sha1Hex(bytes));
  Add(reading, sample, EntityType::kFileMd5, Md5Hex(bytes));
  const auto note = [&](Severity severity, std::string code, std::string text) {
    reading.diagnostics.push_back({severity, {}, {}, std::move(code), std::move(text)});
  };
  const Result<Executable> executable = ParseExecutable(bytes);
  if (!executable) {
    note(Severity::kWarning, "executable-structure", "only the hashes are read: " + executable.error().message);
    return reading;
  }
  note(Severity::kInfo, "executable-machine",
       fmt::format("{} for {}, {} bits; {} sections, {} imports, {} exports", Name(executable->format), Name(executable->architecture),
                   executable->is_64 ? 64 : 32, executable->sections.size(), executable->imports.size(), executable->exports.size()));
  const std::size_t told = std::min(executable->oddities.size(), kMaxToldOddities);
  for (std::size_t i = 0; i < told; ++i) note(Severity::kWarning, "executable-structure", executable->oddities[i]);
  if (told < executable->oddities.size())
    note(Severity::kWarning, "executable-structure", fmt::format("and {} more", executable->oddities.size() - told));
  AddProgramTexts(*executable, bytes.size(), sample, kExecutableExtractor, reading);
  return reading;
}

}  // namespace ascribe
