// `ascribe kb add --label …` and `--goodware`: samples into the code base.

#include <fmt/format.h>

#include "app/code_folder.h"
#include "app/commands.h"
#include "app/exit_codes.h"
#include "app/investigation.h"
#include "base/io.h"
#include "base/text.h"
#include "code/code_base.h"
#include "code/label.h"

namespace ascribe {
namespace fs = std::filesystem;

Result<fs::path> CodeFolder(const fs::path& kb) {
  if (!kb.empty()) return kb / "code";
  TRY_ASSIGN(const fs::path home, DefaultDataHome());
  return home / "code";
}

int CmdKbAddCode(const CommandLine& line) {
  const auto folder = CodeFolder(line.kb);
  if (!folder) return Report(folder.error());
  Result<index::SampleMeta> label = line.label.empty() ? Result<index::SampleMeta>(index::SampleMeta{}) : ParseLabel(line.label);
  if (!label) return Report(label.error());
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
    for (const FileEntry& entry : listed->files) files.push_back(entry.path);
  }
  std::size_t added = 0, known = 0, skipped = 0;
  const Status done = CodeBase::Add(*folder, part, *label, files, [&](const fs::path& file, const Result<CodeBase::Added>& result) {
    if (!result) {
      exit_code = Report(result.error());
      ++skipped;
    } else if (!result->unavailable.empty()) {
      Talk(fmt::format("ascribe: {}: not added, code evidence unavailable: {}\n", TerminalSafe(file.string()), TerminalSafe(result->unavailable)));
      ++skipped;
    } else {
      ++(result->fresh ? added : known);
    }
  });
  if (!done) return Report(done.error());
  if (!Print(fmt::format("{} added, {} known already, {} not added\n", added, known, skipped))) return kExitFailure;
  return exit_code;
}

}  // namespace ascribe
