#include <fmt/format.h>

#include "app/commands.h"
#include "app/exit_codes.h"
#include "base/io.h"
#include "report/assessment_diff.h"

namespace ascribe {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kMaxOutputFile = std::uint64_t{1} << 30;  // as in verify

// A folder that `investigate` wrote, or an assessment in one: a saved scenario beside the case as it is.
Result<AssessedCase> ReadSide(const fs::path& path) {
  std::error_code ignored;
  const bool folder = fs::is_directory(path, ignored);
  const fs::path file = folder ? path / "assessment.json" : path;
  TRY_ASSIGN(const std::string assessment, ReadTextFile(file, kMaxOutputFile));
  TRY_ASSIGN(const std::string case_facts, ReadTextFile(file.parent_path() / "case.json", kMaxOutputFile));
  auto read = ReadAssessed(assessment, case_facts);
  if (!read) return FailAt(file.string(), read.error());
  return read;
}

}  // namespace

int CmdDiff(const CommandLine& line) {
  const auto before = ReadSide(line.paths[0]);
  if (!before) return Report(before.error());
  const auto after = ReadSide(line.paths[1]);
  if (!after) return Report(after.error());
  const AssessmentDiff diff = DiffAssessments(*before, *after);
  return Print(line.json ? DiffToJson(diff) : DiffToText(diff)) ? kExitDone : kExitFailure;
}

}  // namespace ascribe
