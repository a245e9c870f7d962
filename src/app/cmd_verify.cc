#include <fmt/format.h>

#include <set>

#include "app/case_intake.h"
#include "app/commands.h"
#include "app/data_folder.h"
#include "app/exit_codes.h"
#include "app/investigation.h"
#include "base/io.h"
#include "base/json.h"
#include "base/sha256.h"
#include "base/text.h"
#include "code/code_facts.h"
#include "code/literal_facts.h"
#include "ingest/reader.h"
#include "report/assessment_json.h"
#include "report/case_json.h"
#include "report/custody.h"
#include "report/scenario_json.h"

namespace ascribe {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kMaxOutputFile = std::uint64_t{1} << 30;

// Findings end in exit code 4; remarks do not.
struct Findings {
  std::vector<std::string> wrong, remarks;
};

std::map<std::string, std::string> CheckManifest(const fs::path& out, Findings& findings) {
  std::map<std::string, std::string> files;
  const auto manifest = ReadTextFile(out / "manifest-sha256.txt", 1 << 20);
  if (!manifest) {
    findings.wrong.push_back("manifest-sha256.txt cannot be read: " + manifest.error().message);
    return files;
  }
  for (std::string_view row : Split(*manifest, '\n')) {
    if (row.empty()) continue;
    if (row.size() < 67 || row.find('/') != std::string_view::npos) {
      findings.wrong.push_back("the manifest has a malformed line");
      continue;
    }
    const std::string name(row.substr(66));
    auto content = ReadTextFile(out / name, kMaxOutputFile);
    if (!content) {
      findings.wrong.push_back(name + " cannot be read: " + content.error().message);
      continue;
    }
    if (Sha256Hex(*content) != row.substr(0, 64)) findings.wrong.push_back(name + " is not the file the manifest lists");
    files.emplace(name, std::move(*content));
  }
  for (const char* name : {"assessment.json", "case.json", "custody.jsonl", "facts.csv", "report.txt"})
    if (files.count(name) == 0) findings.wrong.push_back(std::string("the manifest does not list ") + name);
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(out, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name != "manifest-sha256.txt" && files.count(name) == 0) findings.wrong.push_back(name + " is not listed in the manifest");
  }
  return files;
}

// Evidence that this machine still has: hashed and read again.
void CheckEvidence(const CaseData& data, Ledger& ledger, Findings& findings) {
  std::size_t checked = 0, missing = 0;
  for (const Evidence& evidence : data.evidence) {
    const auto path = ledger.Location(evidence.sha256);
    std::error_code ignored;
    if (!path || !*path || !fs::exists(**path, ignored)) {
      ++missing;
      continue;
    }
    const auto sha256 = Sha256File(**path);
    if (!sha256 || *sha256 != evidence.sha256) {
      findings.wrong.push_back(fmt::format("evidence {} is no longer the bytes that were taken in ({})", evidence.name, evidence.sha256.substr(0, 16)));
      continue;
    }
    ++checked;
    if (evidence.reader.empty() || evidence.media == "case") continue;
    const auto reading = ReadEvidenceFile(**path, evidence.name);
    if (!reading || reading->evidence.reader != evidence.reader) {
      findings.remarks.push_back(fmt::format("{} was read by {}, which this version no longer uses", evidence.name, evidence.reader));
      continue;
    }
    // Source and dates were filled in by the case; what the reader gives must be there.
    const auto key = [](const Fact& f) { return f.subject.ToString() + '\n' + std::string(RelationName(f.relation)) + '\n' + f.object.ToString() + '\n' + f.locator.ToString(); };
    std::multiset<std::string> then, now;
    for (const Fact& fact : data.facts)
      if (fact.evidence == evidence.sha256 && !NeedsCodeBase(fact.extractor)) then.insert(key(fact));
    for (const Fact& fact : reading->facts) now.insert(key(fact));
    if (auto bytes = ReadFile(**path, kMaxEvidenceBytes); bytes && LooksExecutable(*bytes))
      if (const auto sample = ReadSampleCode(std::move(*bytes)))
        for (const Fact& fact : LiteralFacts(**sample).facts) now.insert(key(fact));
    if (then != now) findings.wrong.push_back(fmt::format("the facts of {} are not what its bytes say", evidence.name));
  }
  findings.remarks.push_back(fmt::format("{} of {} pieces of evidence hashed and read again{}", checked, data.evidence.size(),
                                         missing == 0 ? "" : fmt::format("; {} not on this machine", missing)));
}

Status Recompute(const std::map<std::string, std::string>& files, const CaseData& data, Ledger& ledger, unsigned threads, Findings& findings) {
  const std::string& stored = files.at("assessment.json");
  auto document = JsonDocument::Parse(stored);
  if (!document) {
    findings.wrong.push_back("assessment.json is no JSON");
    return {};
  }
  std::optional<Date> as_of;
  if (const std::string_view text = JsonText(document->root(), "as_of"); !text.empty()) as_of = ParseAsOf(text);
  TRY_ASSIGN(const fs::path folder, DataFolder());
  TRY_ASSIGN(KnowledgeBase kb, LoadKnowledgeBase(folder, &ledger, as_of));
  std::map<std::string, std::string> digests;
  for (const Batch& batch : kb.batches) digests.emplace(batch.id, batch.key);
  std::optional<Knowledge> knowledge;
  const Assessment again = AssessCase(data, kb, as_of, knowledge, nullptr, threads);
  std::vector<Assessment> scenarios;
  for (const auto& [name, content] : files) {
    const std::string saved = ScenarioOfFile(name);
    if (saved.empty()) continue;
    const Result<Scenario> scenario = ScenarioFromJson(content);
    if (!scenario || scenario->name != saved) continue;  // not rendered, so found below
    scenarios.push_back(AssessCase(data, kb, as_of, knowledge, &*scenario, threads));
  }
  const std::map<std::string, std::string> rendered = RenderOutputs(data, again, scenarios);
  bool same = true;
  for (const auto& [name, content] : files) {
    const auto now = rendered.find(name);
    if (now != rendered.end() && now->second == content) continue;
    findings.wrong.push_back(name + ": recomputed, it has other bytes");
    same = false;
  }
  if (same) {
    findings.remarks.push_back("recomputed: every file agrees bit for bit");
    return {};
  }
  // Say why, when it is not tampering: other parameters or other knowledge than then.
  simdjson::dom::array packs;
  if (document->root().at_pointer("/knowledge/packs").get(packs) == simdjson::SUCCESS)
    for (const simdjson::dom::element pack : packs) {
      const std::string id(JsonText(pack, "id"));
      const auto now = digests.find(id);
      if (now == digests.end()) findings.remarks.push_back("knowledge " + id + " is not here any more");
      else if (now->second != JsonText(pack, "digest")) findings.remarks.push_back("knowledge " + id + " has changed since");
      digests.erase(id);
    }
  for (const auto& [id, digest] : digests) findings.remarks.push_back("knowledge " + id + " was added since");
  std::string_view parameters;
  if (document->root().at_pointer("/parameters/sha256").get(parameters) == simdjson::SUCCESS && parameters != again.parameters_sha256)
    findings.remarks.push_back("the parameters have changed since");
  std::string_view fit;  // stays empty for values by hand
  if (document->root().at_pointer("/parameters/fit/sha256").get(fit) != simdjson::SUCCESS) fit = {};
  if (fit != again.fit_sha256) findings.remarks.push_back("the measured table (fit) is another one than then");
  return {};
}

}  // namespace

int CmdVerify(const CommandLine& line) {
  const fs::path out = line.paths.front();
  std::error_code ignored;
  if (!fs::is_directory(out, ignored)) return Report({ErrorCode::kNotFound, out.string() + " is no folder written by investigate"});
  Findings findings;
  const std::map<std::string, std::string> files = CheckManifest(out, findings);
  if (files.count("assessment.json") > 0 && files.count("case.json") > 0 && files.count("custody.jsonl") > 0) {
    auto data = CaseFromJson(files.at("case.json"));
    if (!data) {
      findings.wrong.push_back("case.json: " + data.error().message);
    } else {
      for (std::string& finding : CheckCustody(files.at("custody.jsonl"), *data)) findings.wrong.push_back(std::move(finding));
      auto ledger = OpenLedger(line.kb, Ledger::Mode::kReadWrite);
      if (!ledger) return Report(ledger.error());
      CheckEvidence(*data, *ledger, findings);
      if (const Status recomputed = Recompute(files, *data, *ledger, line.threads, findings); !recomputed) return Report(recomputed.error());
    }
  }
  std::string text;
  for (const std::string& remark : findings.remarks) text += TerminalSafe(remark) + "\n";
  for (const std::string& wrong : findings.wrong) text += "WRONG: " + TerminalSafe(wrong) + "\n";
  text += findings.wrong.empty() ? "verified\n" : fmt::format("not verified: {} finding{}\n", findings.wrong.size(), findings.wrong.size() == 1 ? "" : "s");
  if (!Print(text)) return kExitFailure;
  return findings.wrong.empty() ? kExitDone : kExitIntegrity;
}

}  // namespace ascribe
