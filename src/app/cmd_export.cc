#include <fmt/format.h>

#include <algorithm>

#include "app/case_code.h"
#include "app/commands.h"
#include "app/data_folder.h"
#include "app/exit_codes.h"
#include "app/investigation.h"
#include "base/io.h"
#include "base/json.h"
#include "base/text.h"
#include "interchange/evidence_csv.h"
#include "interchange/export_view.h"
#include "interchange/markdown_report.h"
#include "interchange/misp_export.h"
#include "interchange/navigator_export.h"
#include "interchange/stix_export.h"
#include "report/assessment_json.h"
#include "report/code_json.h"
#include "report/case_json.h"

namespace ascribe {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kMaxOutputFile = std::uint64_t{1} << 30;  // as in verify

// An assessment with all that it was made from.
struct Ready {
  CaseData data;
  KnowledgeBase kb;
  std::optional<Knowledge> knowledge;
  Assessment assessment;
  std::vector<CodeComparison> code;
};

// A folder that `investigate` wrote holds the case as the engine saw it. The assessment is made anew and must be the
// one that lies there: what goes out is never older or newer than what the folder shows.
Result<Ready> FromOutputs(const fs::path& out, const CommandLine& line) {
  TRY_ASSIGN(const std::string case_json, ReadTextFile(out / "case.json", kMaxOutputFile));
  TRY_ASSIGN(const std::string stored, ReadTextFile(out / "assessment.json", kMaxOutputFile));
  Ready ready;
  auto data = CaseFromJson(case_json);
  if (!data) return FailAt((out / "case.json").string(), data.error());
  ready.data = std::move(*data);
  const auto document = JsonDocument::Parse(stored);
  if (!document) return FailAt((out / "assessment.json").string(), document.error());
  std::optional<Date> as_of;
  if (const std::string_view text = JsonText(document->root(), "as_of"); !text.empty()) as_of = ParseAsOf(text);
  TRY_ASSIGN(const fs::path folder, DataFolder());
  TRY_ASSIGN(Ledger ledger, OpenLedger(line.kb, Ledger::Mode::kReadWrite));
  TRY_ASSIGN(ready.kb, LoadKnowledgeBase(folder, &ledger, as_of));
  ready.assessment = AssessCase(ready.data, ready.kb, as_of, ready.knowledge, nullptr, line.threads);
  TRY_ASSIGN(std::vector<CodeComparison> code, CodeOfAssessment(stored));
  ready.code = ShownCode(std::move(code), ready.data, ready.assessment);
  if (AssessmentToJson(ready.assessment, ready.code) != stored)
    return Fail(ErrorCode::kCorrupt, fmt::format("{} holds another assessment than the one that follows now; `ascribe "
                                                 "verify` says why, `investigate` makes it anew",
                                                 out.string()));
  return ready;
}

Result<Ready> FromCase(const fs::path& folder, const CommandLine& line) {
  InvestigateOptions options;
  options.kb = line.kb;
  options.threads = line.threads;
  options.quiet = true;
  if (!line.as_of.empty()) options.as_of = ParseAsOf(line.as_of);
  TRY_ASSIGN(Investigation run, Investigate(folder, options));
  Ready ready;
  ready.data = std::move(run.intake.data);
  ready.kb = std::move(run.kb);
  ready.knowledge = std::move(run.knowledge);
  ready.assessment = std::move(run.assessment);
  ready.code = std::move(run.code);
  return ready;
}

std::string Render(const std::string& format, const ExportView& view, const std::vector<CodeComparison>& code) {
  if (format == "stix") return ExportStix(view);
  if (format == "navigator") return ExportNavigator(view);
  if (format == "misp") return ExportMisp(view);
  if (format == "md") return ExportMarkdown(view, code);
  return ExportEvidenceCsv(view);
}

}  // namespace

int CmdExport(const CommandLine& line) {
  std::optional<Tlp> limit;
  if (!line.transfer.tlp.empty()) {
    limit = ParseTlp(AsciiUpper(line.transfer.tlp));
    if (!limit)
      return Report({ErrorCode::kInvalidInput,
                     fmt::format("--tlp \"{}\": write clear, green, amber, amber+strict or red", line.transfer.tlp)}),
             kExitUsage;
  }
  if (!line.as_of.empty() && !ParseAsOf(line.as_of))
    return Report({ErrorCode::kInvalidInput, "--as-of: write YYYY-MM-DD"}), kExitUsage;
  const fs::path from = line.paths.front();
  std::error_code ignored;
  const bool written = fs::exists(from / "manifest-sha256.txt", ignored) && !fs::exists(from / "case.toml", ignored);
  if (written && !line.as_of.empty())
    return Report({ErrorCode::kInvalidInput,
                   "--as-of goes with a case; a folder that investigate wrote has its date already"}),
           kExitUsage;
  const Result<Ready> ready = written ? FromOutputs(from, line) : FromCase(from, line);
  if (!ready) return Report(ready.error());
  const ExportKnowledge knowledge = KnowledgeForExport(ready->data, ready->assessment, ready->kb, *ready->knowledge);
  const ExportView view = MakeExportView(ready->data, ready->assessment, knowledge, limit);
  if (limit && view.empty())
    return Report({ErrorCode::kNotFound, fmt::format("nothing of this case may go out at TLP:{}; it is marked TLP:{}",
                                                     TlpName(*limit), TlpName(view.tlp))});
  const std::string text = Render(line.transfer.format, view, ready->code);
  if (limit)
    if (const std::string left_out = LeftOutLine(view, *limit); !left_out.empty()) Talk("ascribe: " + left_out + "\n");
  if (line.out.empty() || line.out == "-") return Print(text) ? kExitDone : kExitFailure;
  if (const Status saved = WriteFileAtomic(line.out, text); !saved) return Report(saved.error());
  return kExitDone;
}

}  // namespace ascribe
