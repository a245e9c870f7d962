#include <fmt/format.h>

#include <set>

#include "app/case_code.h"
#include "app/case_excerpts.h"
#include "app/code_folder.h"
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
#include "ingest/case_file.h"
#include "report/assessment_json.h"
#include "report/case_json.h"
#include "report/code_json.h"
#include "report/custody.h"
#include "report/report_page.h"
#include "report/scenario_json.h"

namespace ascribe {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kMaxOutputFile = std::uint64_t{1} << 30;

// Findings end in exit code 4; remarks do not.
struct Findings {
  std::vector<std::string> wrong, remarks;
  std::size_t unread = 0;         // pieces of evidence that are not on this machine
  std::set<std::string> altered;  // those that are, with other bytes
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
  for (const char* name : {"assessment.json", "case.json", "custody.jsonl", "facts.csv", "layers.json", "misp.json", "report.html", "report.md", "report.txt",
                           "response.json", "stix.json"})
    if (files.count(name) == 0) findings.wrong.push_back(std::string("the manifest does not list ") + name);
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(out, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name != "manifest-sha256.txt" && files.count(name) == 0) findings.wrong.push_back(name + " is not listed in the manifest");
  }
  return files;
}

// Where each piece of evidence lies on this machine, with the bytes that were taken in. Every place that the ledger remembers is tried: of
// equal files of two cases one may have moved.
std::map<std::string, fs::path> FindEvidence(const CaseData& data, Ledger& ledger, Findings& findings) {
  std::map<std::string, fs::path> found;
  for (const Evidence& evidence : data.evidence) {
    const auto places = ledger.Locations(evidence.sha256);
    if (!places) continue;
    std::size_t altered = 0;
    for (const fs::path& place : *places) {
      std::error_code ignored;
      if (!fs::exists(place, ignored)) continue;
      const auto sha256 = Sha256File(place);
      if (sha256 && *sha256 == evidence.sha256) {
        found.emplace(evidence.sha256, place);
        break;
      }
      ++altered;
    }
    if (altered == 0 || !evidence.parent.empty()) continue;  // what lies in a file is judged by that file
    const std::string digest = evidence.sha256.substr(0, 16);
    if (found.count(evidence.sha256) > 0)
      findings.remarks.push_back(fmt::format("of evidence {} ({}) a copy is no longer the bytes that were taken in; another place has them", evidence.name, digest));
    else if (findings.altered.insert(evidence.sha256).second)
      findings.wrong.push_back(fmt::format("evidence {} is no longer the bytes that were taken in ({})", evidence.name, digest));
  }
  return found;
}

// Passwords of the case's archives stand in case.toml, which no output repeats; none when it is not on this machine.
std::vector<std::string> PasswordsOf(const CaseData& data, const std::map<std::string, fs::path>& found) {
  for (const Evidence& evidence : data.evidence) {
    if (evidence.reader != "case-file@1") continue;
    const auto path = found.find(evidence.sha256);
    if (path == found.end()) return {};
    const auto text = ReadTextFile(path->second, kMaxOutputFile);
    if (!text || Sha256Hex(*text) != evidence.sha256) return {};
    const auto parsed = ParseCaseFile(*text);
    return parsed ? parsed->archive_passwords : std::vector<std::string>{};
  }
  return {};
}

// Evidence that this machine still has: hashed and read again, with what lies in it.
void CheckEvidence(const CaseData& data, const std::map<std::string, fs::path>& found, const std::vector<std::string>& passwords, Findings& findings) {
  const auto key = [](const Fact& f) { return f.subject.ToString() + '\n' + std::string(RelationName(f.relation)) + '\n' + f.object.ToString() + '\n' + f.locator.ToString(); };
  std::map<std::string, std::multiset<std::string>> then;
  for (const Fact& fact : data.facts)
    if (!NeedsCodeBase(fact.extractor)) then[fact.evidence].insert(key(fact));
  std::size_t checked = 0, missing = 0;
  std::set<std::string> seen;  // pieces that were found again, and those whose file is not as it was
  const auto check = [&](const Evidence& evidence, const Piece& piece) {
    if (piece.evidence.reader != evidence.reader) {
      findings.remarks.push_back(fmt::format("{} was read by {}, which this version no longer uses", evidence.name, evidence.reader));
      return;
    }
    // Source and dates were filled in by the case; what the reader gives must be there.
    std::multiset<std::string> now;
    for (const Fact& fact : piece.reading.facts) now.insert(key(fact));
    if (then[evidence.sha256] != now) findings.wrong.push_back(fmt::format("the facts of {} are not what its bytes say", evidence.name));
  };
  std::set<std::string> here;  // files of this machine whose members can be looked for
  for (const Evidence& evidence : data.evidence) {
    if (!evidence.parent.empty()) continue;
    const auto path = found.find(evidence.sha256);
    if (path == found.end()) {
      if (findings.altered.count(evidence.sha256) == 0) ++missing;
      continue;
    }
    ++checked;
    if (evidence.reader.empty() || evidence.media == "case") continue;
    const auto pieces = ReadEvidenceFile(path->second, evidence.name, passwords);
    if (!pieces) {
      findings.remarks.push_back(fmt::format("{} was read by {}, which this version no longer uses", evidence.name, evidence.reader));
      continue;
    }
    here.insert(evidence.sha256);
    check(evidence, pieces->front());
    for (const Piece& piece : *pieces) {
      const Evidence* member = data.FindEvidence(piece.evidence.sha256);
      if (piece.evidence.parent.empty() || member == nullptr || member->parent.empty() || !seen.insert(member->sha256).second) continue;
      ++checked;
      check(*member, piece);
    }
  }
  for (const Evidence& evidence : data.evidence) {
    if (evidence.parent.empty() || seen.count(evidence.sha256) > 0) continue;
    const Evidence* outer = &evidence;
    for (std::size_t step = 0; outer != nullptr && !outer->parent.empty() && step < data.evidence.size(); ++step) outer = data.FindEvidence(outer->parent);
    if (outer != nullptr && here.count(outer->sha256) > 0)
      findings.wrong.push_back(fmt::format("{} ({}) is not found in {}", evidence.name, evidence.sha256.substr(0, 16), outer->name));
    else
      ++missing;
  }
  findings.unread = missing;
  findings.remarks.push_back(fmt::format("{} of {} pieces of evidence hashed and read again{}", checked, data.evidence.size(),
                                         missing == 0 ? "" : fmt::format("; {} not on this machine", missing)));
}

// The knowledge that an assessment names: id -> digest.
std::map<std::string, std::string> PacksOf(simdjson::dom::element assessment) {
  std::map<std::string, std::string> packs;
  simdjson::dom::array list;
  if (assessment.at_pointer("/knowledge/packs").get(list) != simdjson::SUCCESS) return packs;
  for (const simdjson::dom::element pack : list) packs.emplace(JsonText(pack, "id"), JsonText(pack, "digest"));
  return packs;
}

// `here`: what of the case lies on this machine.
Status Recompute(const std::map<std::string, std::string>& files, const CaseData& data, const Intake& here,
                 Ledger& ledger, const CommandLine& line, Findings& findings) {
  const unsigned threads = line.threads;
  const std::string& stored = files.at("assessment.json");
  auto document = JsonDocument::Parse(stored);
  if (!document) {
    findings.wrong.push_back("assessment.json is no JSON");
    return {};
  }
  std::optional<Date> as_of;
  if (const std::string_view text = JsonText(document->root(), "as_of"); !text.empty()) as_of = ParseAsOf(text);
  const std::map<std::string, std::string> then = PacksOf(document->root());
  std::set<std::string> wanted;
  for (const auto& [id, digest] : then) wanted.insert(digest);
  TRY_ASSIGN(const fs::path folder, DataFolder());
  // With what was known then, as far as it is still here: what was added since says nothing about that assessment.
  TRY_ASSIGN(KnowledgeBase kb, LoadKnowledgeBase(folder, &ledger, as_of, &wanted));
  std::map<std::string, std::string> digests;
  for (const Batch& batch : kb.batches) digests.emplace(batch.id, batch.key);
  const std::vector<std::string> left_out = std::move(kb.left_out);
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
  // The page quotes evidence that may not be here any more. What can be read again is quoted anew; the rest is the page's own word.
  const auto page = files.find("report.html");
  Excerpts excerpts = page == files.end() ? Excerpts() : ExcerptsInPage(page->second);
  const auto bytes_of = [&](const std::string& sha256) { return BytesOfEvidence(here, sha256); };
  std::size_t quoted_anew = 0;
  for (auto& [id, text] : QuoteCitedFacts(data, again, *knowledge, kb, folder, bytes_of)) {
    excerpts.insert_or_assign(id, text);
    ++quoted_anew;
  }
  if (excerpts.size() > quoted_anew)
    findings.remarks.push_back(fmt::format("{} of {} quotations in report.html could not be read again", excerpts.size() - quoted_anew, excerpts.size()));
  // Code side by side is taken from the assessment and made anew where both samples are here.
  std::vector<CodeComparison> code;
  if (auto read = CodeOfAssessment(stored); !read) {
    findings.wrong.push_back("assessment.json: " + read.error().message);
  } else if (!read->empty()) {
    code = ShownCode(std::move(*read), data, again);
    TRY_ASSIGN(const fs::path code_folder, CodeFolder(line.kb));
    TRY_ASSIGN(const CodeBase base, CodeBase::Open(code_folder));
    std::size_t unread = 0;
    for (std::string& finding : CheckCode(code, bytes_of, base, unread)) findings.wrong.push_back(std::move(finding));
    if (unread > 0) findings.remarks.push_back(fmt::format("{} of {} code comparisons could not be made again: a sample or its kept code is not here", unread, code.size()));
  }
  const std::map<std::string, std::string> rendered = RenderOutputs(data, again, scenarios, *knowledge, kb, excerpts, code);
  bool same = true;
  for (const auto& [name, content] : files) {
    const auto now = rendered.find(name);
    if (now != rendered.end() && now->second == content) continue;
    findings.wrong.push_back(name + ": recomputed, it has other bytes");
    same = false;
  }
  for (const std::string& pack : left_out) findings.remarks.push_back("knowledge " + pack + " is left out: the assessment was made without it");
  if (same) {
    findings.remarks.push_back("recomputed: every file agrees bit for bit");
    return {};
  }
  // Say why, when it is not tampering: other parameters or other knowledge than then.
  for (const auto& [id, digest] : then)
    if (const auto now = digests.find(id); now == digests.end() || now->second != digest)
      findings.remarks.push_back("knowledge " + id + " is not here any more as it was then");
  std::string_view parameters;
  if (document->root().at_pointer("/parameters/sha256").get(parameters) == simdjson::SUCCESS && parameters != again.parameters_sha256)
    findings.remarks.push_back("the parameters have changed since");
  if (const auto plan = files.find("response.json"); plan != files.end()) {
    auto stored_plan = JsonDocument::Parse(plan->second);
    std::string_view table;
    if (stored_plan && stored_plan->root().at_pointer("/table/sha256").get(table) == simdjson::SUCCESS && table != kb.response.sha256)
      findings.remarks.push_back("the response table has changed since");
  }
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
      Intake here;  // as BytesOfEvidence wants it
      here.data.evidence = data->evidence;
      here.paths = FindEvidence(*data, *ledger, findings);
      here.passwords = PasswordsOf(*data, here.paths);
      CheckEvidence(*data, here.paths, here.passwords, findings);
      if (const Status recomputed = Recompute(files, *data, here, *ledger, line, findings); !recomputed) return Report(recomputed.error());
    }
  }
  std::string text;
  for (const std::string& remark : findings.remarks) text += TerminalSafe(remark) + "\n";
  for (const std::string& wrong : findings.wrong) text += "WRONG: " + TerminalSafe(wrong) + "\n";
  if (findings.wrong.empty() && findings.unread > 0)
    text += fmt::format("verified, except for {} piece{} of evidence that could not be read again\n", findings.unread, findings.unread == 1 ? "" : "s");
  else
    text += findings.wrong.empty() ? "verified\n" : fmt::format("not verified: {} finding{}\n", findings.wrong.size(), findings.wrong.size() == 1 ? "" : "s");
  if (!Print(text)) return kExitFailure;
  return findings.wrong.empty() ? kExitDone : kExitIntegrity;
}

}  // namespace ascribe
