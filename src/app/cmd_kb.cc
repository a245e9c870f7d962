#include <fmt/format.h>

#include <algorithm>

#include "app/case_as_knowledge.h"
#include "app/case_intake.h"
#include "app/code_folder.h"
#include "app/commands.h"
#include "app/data_folder.h"
#include "app/exit_codes.h"
#include "app/investigation.h"
#include "base/io.h"
#include "base/sha256.h"
#include "base/text.h"
#include "code/code_base.h"
#include "ingest/attack_stix.h"
#include "ingest/misp_galaxy.h"
#include "ingest/misp_warninglist.h"
#include "ingest/reader.h"
#include "store/pack.h"

namespace ascribe {
namespace fs = std::filesystem;
namespace {

// The first kilobytes tell the three foreign formats apart; none of them is a folder.
Result<Batch> ImportFile(const fs::path& path) {
  TRY_ASSIGN(const Bytes bytes, ReadFile(path, kMaxEvidenceBytes));
  const ByteView head(bytes.data(), std::min(bytes.size(), kSniffBytes));
  Result<KnowledgeImport> import = Fail(ErrorCode::kUnsupported, "neither an ATT&CK release, a MISP galaxy nor a MISP warning list; a pack is a folder");
  if (SniffAttackStix(head)) import = ImportAttackStix(bytes);
  else if (SniffMispGalaxy(head)) import = ImportMispGalaxy(bytes);
  else if (SniffMispWarninglist(head)) import = ImportMispWarninglist(bytes);
  if (!import) return FailAt(path.string(), import.error());
  return BatchFromImport(std::move(*import), Sha256Hex(bytes));
}

Result<Batch> LoadAnything(const fs::path& path, Ledger& ledger, const CommandLine& line) {
  std::error_code ignored;
  if (fs::is_regular_file(path / "pack.toml", ignored)) return LoadPack(path);
  if (fs::is_regular_file(path / "case.toml", ignored)) {
    TRY_ASSIGN(const Intake intake, TakeInCase(path, &ledger, {line.threads, line.quiet, nullptr}));
    return CaseAsKnowledge(intake.data, line.attributed_to, line.by.empty() ? "analyst" : line.by, line.confidence);
  }
  if (fs::is_directory(path, ignored)) return Fail(ErrorCode::kUnsupported, path.string() + " holds neither pack.toml nor case.toml");
  return ImportFile(path);
}

struct Listed {
  BatchInfo info;
  bool shipped = false;
};

Result<std::vector<Listed>> ListAll(Ledger& ledger) {
  TRY_ASSIGN(const fs::path data, DataFolder());
  TRY_ASSIGN(const KnowledgeBase kb, LoadKnowledgeBase(data, &ledger, std::nullopt));
  std::vector<Listed> all;
  for (const Batch& batch : kb.batches) {
    const bool shipped = std::binary_search(kb.shipped.begin(), kb.shipped.end(), batch.id);
    all.push_back({{batch.kind, batch.key, batch.id, batch.version, batch.title, batch.facts.size()}, shipped});
  }
  return all;
}

}  // namespace

int CmdKbAdd(const CommandLine& line) {
  if (line.goodware || !line.label.empty()) return CmdKbAddCode(line);
  auto ledger = OpenLedger(line.kb, Ledger::Mode::kReadWrite);
  if (!ledger) return Report(ledger.error());
  int exit_code = kExitDone;
  for (const std::string& path : line.paths) {
    auto batch = LoadAnything(path, *ledger, line);
    Result<bool> added = batch ? ledger->Commit(*batch) : Result<bool>(tl::unexpected(batch.error()));
    if (!added) {
      exit_code = Report(added.error());
      continue;
    }
    if (!Print(fmt::format("{} {}@{}: {} facts, digest {}\n", *added ? "added" : "unchanged", TerminalSafe(batch->id), TerminalSafe(batch->version),
                           batch->facts.size(), batch->key.substr(0, 16))))
      return kExitFailure;
  }
  return exit_code;
}

int CmdKbList(const CommandLine& line) {
  auto ledger = OpenLedger(line.kb, Ledger::Mode::kReadWrite);
  if (!ledger) return Report(ledger.error());
  const auto all = ListAll(*ledger);
  if (!all) return Report(all.error());
  std::string text;
  for (const Listed& item : *all)
    text += fmt::format("{:<28} {:<10} {:>7} facts  {}  {}  {}\n", TerminalSafe(item.info.id), TerminalSafe(item.info.version), item.info.facts,
                        item.info.key.substr(0, 12), item.shipped ? "shipped" : "added  ", TerminalSafe(Ellipsize(item.info.title, 60)));
  return Print(text) ? kExitDone : kExitFailure;
}

int CmdKbShow(const CommandLine& line) {
  auto ledger = OpenLedger(line.kb, Ledger::Mode::kReadWrite);
  if (!ledger) return Report(ledger.error());
  const auto data = DataFolder();
  if (!data) return Report(data.error());
  const auto kb = LoadKnowledgeBase(*data, &*ledger, std::nullopt);
  if (!kb) return Report(kb.error());
  const std::string& id = line.paths.front();
  const auto batch = std::find_if(kb->batches.begin(), kb->batches.end(), [&](const Batch& b) { return b.id == id; });
  if (batch == kb->batches.end()) return Report({ErrorCode::kNotFound, id + " is not in the knowledge base; see ascribe kb list"});
  std::string text = fmt::format("{}@{}  {}\ndigest {}\n\nSOURCES\n", batch->id, TerminalSafe(batch->version), TerminalSafe(batch->title), batch->key);
  for (const Source& source : batch->sources)
    text += fmt::format("  {} {:<32} {} {} {}\n", source.grade.ToString(), TerminalSafe(source.id), source.published ? source.published->ToString() : "          ",
                        TerminalSafe(source.publisher), TerminalSafe(Defang(source.url)));
  text += "\nFACTS\n";
  for (const Fact& fact : batch->facts)
    text += fmt::format("  {} {} {} {} {} [{}{}{}]\n", fact.Id(), fact.known_on ? fact.known_on->ToString() : "          ",
                        TerminalSafe(Ellipsize(fact.subject.ToString(), 80)), RelationName(fact.relation),
                        TerminalSafe(Ellipsize(Defang(fact.object.ToString()), 160)), TerminalSafe(fact.source),
                        fact.verification == Verification::kUnverified ? ", unverified" : "", fact.retracted_on ? ", WITHDRAWN" : "");
  return Print(text) ? kExitDone : kExitFailure;
}

int CmdKbVerify(const CommandLine& line) {
  auto ledger = OpenLedger(line.kb, Ledger::Mode::kReadWrite);
  if (!ledger) return Report(ledger.error());
  const auto findings = ledger->Verify();
  if (!findings) return Report(findings.error());
  const auto data = DataFolder();
  if (!data) return Report(data.error());
  std::string text;
  for (const std::string& finding : *findings) text += "WRONG: " + TerminalSafe(finding) + "\n";
  const auto packs = LoadShippedPacks(*data);  // checks every manifest
  if (!packs) text += "WRONG: " + TerminalSafe(packs.error().message) + "\n";
  const auto folder = CodeFolder(line.kb);
  if (!folder) return Report(folder.error());
  const auto code = CodeBase::Verify(*folder);
  if (!code) text += "WRONG: " + TerminalSafe(code.error().message) + "\n";
  else for (const std::string& finding : *code) text += "WRONG: " + TerminalSafe(finding) + "\n";
  const bool well = findings->empty() && packs.has_value() && code && code->empty();
  text += well ? fmt::format("verified: ledger, {} shipped packs and the code base\n", packs->size()) : "not verified\n";
  if (!Print(text)) return kExitFailure;
  return well ? kExitDone : kExitIntegrity;
}

int CmdKbRemove(const CommandLine& line) {
  auto ledger = OpenLedger(line.kb, Ledger::Mode::kReadWrite);
  if (!ledger) return Report(ledger.error());
  const std::string& id = line.paths.front();
  const auto batches = ledger->List(Batch::Kind::kKnowledge);
  if (!batches) return Report(batches.error());
  for (const BatchInfo& batch : *batches) {
    if (batch.id != id && batch.key != id) continue;
    const auto removed = ledger->Remove(batch.key);
    if (!removed) return Report(removed.error());
    return Print(fmt::format("removed {}@{}\n", TerminalSafe(batch.id), TerminalSafe(batch.version))) ? kExitDone : kExitFailure;
  }
  return Report({ErrorCode::kNotFound, id + " was not added with kb add (shipped packs cannot be removed; add your own version to replace one)"});
}

}  // namespace ascribe
