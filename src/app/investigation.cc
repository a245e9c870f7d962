#include "app/investigation.h"

#include "app/case_code.h"
#include "app/code_folder.h"
#include "app/data_folder.h"
#include "base/io.h"
#include "base/sha256_stream.h"
#include "interchange/export_view.h"
#include "interchange/markdown_report.h"
#include "interchange/misp_export.h"
#include "interchange/navigator_export.h"
#include "interchange/stix_export.h"
#include "report/assessment_json.h"
#include "report/case_json.h"
#include "report/custody.h"
#include "report/report_page.h"
#include "report/response_json.h"
#include "report/response_text.h"
#include "report/tables.h"
#include "report/terminal.h"
#include "respond/respond.h"

namespace ascribe {
namespace fs = std::filesystem;
namespace {

std::function<std::string_view(const Entity&)> HygieneOf(const KnowledgeBase& kb) {
  return [lists = kb.hygiene](const Entity& entity) {
    return lists->IsShared(entity) ? lists->ClassOf(entity).value_or(std::string_view{}) : std::string_view{};
  };
}

constexpr std::string_view kManifestFile = "manifest-sha256.txt";

}  // namespace

Result<Ledger> OpenLedger(const fs::path& kb, Ledger::Mode mode) {
  if (!kb.empty()) return Ledger::Open(kb, mode);
  TRY_ASSIGN(const fs::path home, DefaultDataHome());
  return Ledger::Open(home, mode);
}

Assessment AssessCase(const CaseData& data, KnowledgeBase& kb, std::optional<Date> as_of, std::optional<Knowledge>& knowledge,
                      const Scenario* scenario, unsigned threads, bool sensitivity) {
  Knowledge::Options options;
  options.as_of = as_of;
  if (data.info.incident) options.incident = data.info.incident->FirstDay();
  if (!knowledge) knowledge.emplace(Knowledge::Build(std::move(kb.batches), options, kb.parameters));
  return Assess({data, *knowledge, kb.parameters, as_of, HygieneOf(kb), scenario, threads, sensitivity});
}

Result<Investigation> Investigate(const fs::path& case_folder, const InvestigateOptions& options) {
  Investigation run;
  TRY_ASSIGN(const fs::path data, DataFolder());
  TRY_ASSIGN(Ledger ledger, OpenLedger(options.kb, Ledger::Mode::kReadWrite));
  TRY_ASSIGN(const fs::path code_folder, CodeFolder(options.kb));
  TRY_ASSIGN(const CodeBase code, CodeBase::Open(code_folder));
  TRY_ASSIGN(run.intake, TakeInCase(case_folder, &ledger, {options.threads, options.quiet, &code}));
  TRY_ASSIGN(run.kb, LoadKnowledgeBase(data, &ledger, options.as_of, nullptr, options.threads));
  run.assessment = AssessCase(run.intake.data, run.kb, options.as_of, run.knowledge, nullptr, options.threads, options.sensitivity);
  run.code = ShownCode(run.intake.code, run.intake.data, run.assessment);
  return run;
}

ResponsePlan PlanCase(const CaseData& data, const KnowledgeBase& kb, const Knowledge& knowledge, const Assessment& assessment) {
  return PlanResponse({data, assessment, kb.parameters, knowledge, *kb.attack, *kb.hygiene, kb.response});
}

std::string ScenarioFile(std::string_view name) { return "scenario-" + std::string(name) + ".json"; }

std::string ScenarioOfFile(std::string_view file) {
  constexpr std::string_view kBefore = "scenario-", kAfter = ".json";
  if (file.size() <= kBefore.size() + kAfter.size() || !file.starts_with(kBefore) || !file.ends_with(kAfter)) return {};
  const std::string_view name = file.substr(kBefore.size(), file.size() - kBefore.size() - kAfter.size());
  return IsScenarioName(name) ? std::string(name) : std::string();
}

ExportKnowledge KnowledgeForExport(const CaseData& data, const Assessment& assessment, const KnowledgeBase& kb, const Knowledge& knowledge) {
  return KnowledgeForExport(data, assessment, knowledge, HygieneOf(kb));
}

void RenderOutputs(const CaseData& data, const Assessment& assessment, const std::vector<Assessment>& scenarios, const Knowledge& knowledge,
                   const KnowledgeBase& kb, const Excerpts& excerpts, const std::vector<CodeComparison>& code, const OutputSink& sink) {
  std::map<std::string, std::string> digests;  // by name
  const auto stream = [&](const std::string& name, const std::function<void(const TextSink&)>& write) {
    Sha256Stream digest;
    sink.begin(name);
    write([&](std::string_view piece) {
      digest.Add(piece);
      sink.add(piece);
    });
    digests[name] = digest.Hex();
  };
  const auto put = [&](const std::string& name, std::string_view content) {
    stream(name, [&](const TextSink& out) { out(content); });
  };
  put("assessment.json", AssessmentToJson(assessment, code));
  stream("case.json", [&](const TextSink& out) { CaseToJson(data, assessment.as_of, out); });
  put("custody.jsonl", CustodyToJsonl(data));
  stream("facts.csv", [&](const TextSink& out) { FactsToCsv(data, assessment.as_of, out); });
  {
    const ExportKnowledge exported = KnowledgeForExport(data, assessment, kb, knowledge);
    const ExportView view = MakeExportView(data, assessment, exported, std::nullopt);
    put("layers.json", ExportNavigator(view));
    stream("misp.json", [&](const TextSink& out) { ExportMisp(view, out); });
    put("report.md", ExportMarkdown(view, code));
    stream("stix.json", [&](const TextSink& out) { ExportStix(view, out); });
  }
  const ResponsePlan plan = PlanCase(data, kb, knowledge, assessment);
  put("report.txt", AssessmentToText(assessment) + ResponseSummary(plan));
  put("response.json", ResponseToJson(plan));
  put("report.html", ReportPage({data, assessment, scenarios, knowledge, kb.files, excerpts, &plan, &code}));
  for (const Assessment& a : scenarios) put(ScenarioFile(a.scenario.name), AssessmentToJson(a));
  std::string manifest;
  for (const auto& [name, digest] : digests) manifest += digest + "  " + name + "\n";
  put(std::string(kManifestFile), manifest);
}

std::map<std::string, std::string> RenderOutputs(const CaseData& data, const Assessment& assessment, const std::vector<Assessment>& scenarios,
                                                 const Knowledge& knowledge, const KnowledgeBase& kb, const Excerpts& excerpts,
                                                 const std::vector<CodeComparison>& code) {
  std::map<std::string, std::string> files;
  std::string* at = nullptr;
  RenderOutputs(data, assessment, scenarios, knowledge, kb, excerpts, code,
                {[&](std::string_view name) { at = &files[std::string(name)]; }, [&](std::string_view piece) { *at += piece; }});
  return files;
}

}  // namespace ascribe
