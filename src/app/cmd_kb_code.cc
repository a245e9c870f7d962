// `ascribe kb add --label …` and `--goodware`: samples into the code base.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <optional>

#include "app/code_folder.h"
#include "app/commands.h"
#include "app/exit_codes.h"
#include "app/investigation.h"
#include "base/io.h"
#include "base/sha256.h"
#include "base/text.h"
#include "code/code_base.h"
#include "code/code_facts.h"
#include "code/label.h"

namespace ascribe {
namespace fs = std::filesystem;

Result<fs::path> CodeFolder(const fs::path& kb) {
  if (!kb.empty()) return kb / "code";
  TRY_ASSIGN(const fs::path home, DefaultDataHome());
  return home / "code";
}

namespace {

// What a label says: this family has a code base of its own name, and this actor uses it. Known since the day given, so
// that a replay of an earlier day does not see it.
Result<Batch> LabelAsKnowledge(const index::SampleMeta& label, Date known) {
  Batch batch;
  batch.kind = Batch::Kind::kKnowledge;
  const std::string family = EntityName(label.family), actor = EntityName(label.actor);
  batch.id = "samples." + (family.empty() ? actor : family) + (actor.empty() || family.empty() ? "" : "." + actor);
  batch.version = "1";
  batch.title = fmt::format("Samples labelled {}{}{}", label.family, label.family.empty() || label.actor.empty() ? "" : " of ", label.actor);
  Source source;
  source.id = "sample-labels";
  source.title = "Labels given with kb add";
  source.publisher = "analyst";
  source.grade = AdmiraltyGrade{'A', 2};
  source.published = Time{known.days * 86'400, Time::Precision::kDay};
  batch.sources.push_back(source);
  const auto add = [&](EntityType subject_type, const std::string& subject, Relation relation, EntityType type, const std::string& object) -> Status {
    Fact fact;
    TRY_ASSIGN(fact.subject, MakeEntity(subject_type, subject));
    TRY_ASSIGN(fact.object, MakeEntity(type, object));
    fact.relation = relation;
    fact.known_on = source.published;
    fact.source = source.id;
    fact.extractor = "kb-add@1";
    batch.facts.push_back(std::move(fact));
    return {};
  };
  if (!family.empty()) TRY(add(EntityType::kMalware, family, Relation::kBuiltFrom, EntityType::kLineage, family));
  if (!family.empty() && !actor.empty()) TRY(add(EntityType::kActor, actor, Relation::kUses, EntityType::kMalware, family));
  if (!family.empty()) TRY(add(EntityType::kMalware, family, Relation::kNamed, EntityType::kText, label.family));
  if (!actor.empty()) TRY(add(EntityType::kActor, actor, Relation::kNamed, EntityType::kText, label.actor));
  std::sort(batch.facts.begin(), batch.facts.end(), FactLess);
  std::string content;
  for (const Fact& fact : batch.facts) content += fact.Id() + "\n";
  batch.key = Sha256Hex(content);
  return batch;
}

// Since when the samples are known: the date given, else today.
Result<Date> KnownSince(const CommandLine& line) {
  if (line.known.empty())
    return Date{static_cast<std::int32_t>(std::chrono::duration_cast<std::chrono::days>(std::chrono::system_clock::now().time_since_epoch()).count())};
  const std::optional<Date> known = ParseAsOf(line.known);
  if (!known) return Fail(ErrorCode::kInvalidInput, "--known \"" + line.known + "\" is no date: write YYYY-MM-DD");
  return *known;
}

// The first label of a family and actor stays: it says since when they were known.
Status RememberLabel(const CommandLine& line, const index::SampleMeta& label, Date known) {
  if (line.goodware || (label.family.empty() && label.actor.empty())) return {};
  TRY_ASSIGN(const Batch batch, LabelAsKnowledge(label, known));
  TRY_ASSIGN(Ledger ledger, OpenLedger(line.kb, Ledger::Mode::kReadWrite));
  TRY_ASSIGN(const std::vector<BatchInfo> there, ledger.List(Batch::Kind::kKnowledge));
  for (const BatchInfo& info : there)
    if (info.id == batch.id) return {};
  TRY_ASSIGN([[maybe_unused]] const bool added, ledger.Commit(batch));
  return {};
}

}  // namespace

int CmdKbAddCode(const CommandLine& line) {
  const auto folder = CodeFolder(line.kb);
  if (!folder) return Report(folder.error());
  Result<index::SampleMeta> label = line.label.empty() ? Result<index::SampleMeta>(index::SampleMeta{}) : ParseLabel(line.label);
  if (!label) return Report(label.error());
  const auto since = KnownSince(line);
  if (!since) return Report(since.error());
  const CodeBase::Part part = line.goodware ? CodeBase::Part::kGoodware : CodeBase::Part::kSamples;
  if (line.goodware && (!label->actor.empty() || !label->family.empty()))
    return Report({ErrorCode::kInvalidInput, "goodware has a package, neither actor nor family"});
  std::vector<fs::path> files;
  int exit_code = kExitDone;
  constexpr std::size_t kMaxFiles = 1'000'000;
  for (const std::string& path : line.paths) {
    std::error_code ignored;
    if (!fs::is_directory(path, ignored)) {
      files.emplace_back(path);
      continue;
    }
    const auto listed = ListFiles(path, kMaxFiles);
    if (!listed) {
      exit_code = Report(listed.error());
      continue;
    }
    // Folders hold all sorts of things; of them only programs are meant.
    for (const FileEntry& entry : listed->files) {
      std::ifstream in(entry.path, std::ios::binary);
      std::string head(64, '\0');
      in.read(head.data(), static_cast<std::streamsize>(head.size()));
      head.resize(static_cast<std::size_t>(in.gcount()));
      if (LooksExecutable(head)) files.push_back(entry.path);
    }
  }
  std::size_t added = 0, known = 0, kept = 0, skipped = 0;
  const Status done = CodeBase::Add(*folder, part, *label, *since, files, [&](const fs::path& file, const Result<CodeBase::Added>& result) {
    if (!result) {
      exit_code = Report(result.error());
      ++skipped;
    } else if (!result->unavailable.empty()) {
      Talk(fmt::format("ascribe: {}: not added, code evidence unavailable: {}\n", TerminalSafe(file.string()), TerminalSafe(result->unavailable)));
      ++skipped;
    } else {
      ++(result->fresh ? added : known);
      kept += !result->fresh && result->kept;
      if (!result->skipped.empty()) Talk(fmt::format("ascribe: {}: {}\n", TerminalSafe(file.string()), result->skipped));
    }
  });
  if (!done) return Report(done.error());
  if (added + known > 0)
    if (const Status remembered = RememberLabel(line, *label, *since); !remembered) return Report(remembered.error());
  const std::string more = kept == 0 ? std::string() : fmt::format("; the code of {} known already is kept now", kept);
  if (!Print(fmt::format("{} added, {} known already, {} not added{}\n", added, known, skipped, more))) return kExitFailure;
  return exit_code;
}

int CmdKbRebuild(const CommandLine& line) {
  const auto folder = CodeFolder(line.kb);
  if (!folder) return Report(folder.error());
  if (const Status built = CodeBase::Rebuild(*folder); !built) return Report(built.error());
  const auto base = CodeBase::Open(*folder);
  if (!base) return Report(base.error());
  const auto count = [&](CodeBase::Part part) { return base->part(part) == nullptr ? 0 : base->part(part)->samples().size(); };
  return Print(fmt::format("index made anew: {} known samples, {} of goodware\n", count(CodeBase::Part::kSamples), count(CodeBase::Part::kGoodware)))
             ? kExitDone
             : kExitFailure;
}

}  // namespace ascribe
