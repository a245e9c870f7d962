#include <fmt/format.h>

#include "app/commands.h"
#include "app/data_folder.h"
#include "app/exit_codes.h"
#include "base/text.h"

namespace ascribe {
namespace fs = std::filesystem;
namespace {

constexpr const char* kDemoCase = "sony-2014";

// Installed, the examples lie in the data folder; in a repository beside it.
Result<fs::path> DemoCase() {
  TRY_ASSIGN(const fs::path data, DataFolder());
  std::error_code ignored;
  for (const fs::path& folder : {data, data.parent_path()})
    if (const fs::path found = folder / "examples" / kDemoCase; fs::is_regular_file(found / "case.toml", ignored)) return found;
  return Fail(ErrorCode::kNotFound, fmt::format("{} holds no examples/{}; install the package again, or name a case: ascribe investigate CASE", data.string(), kDemoCase));
}

}  // namespace

int CmdDemo(const CommandLine& line) {
  const auto found = DemoCase();
  if (!found) return Report(found.error());
  CommandLine demo = line;
  demo.paths = {found->string()};
  demo.out = line.out.empty() ? fs::path("out") / kDemoCase : line.out;
  if (const int code = CmdInvestigate(demo); code != kExitDone || line.quiet) return code;
  return Print(fmt::format("Page      {}\n", TerminalSafe((demo.out / "report.html").string()))) ? kExitDone : kExitFailure;
}

}  // namespace ascribe
