#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "app/case_intake.h"
#include "app/knowledge_base.h"
#include "base/result.h"
#include "base/text_sink.h"
#include "interchange/export_knowledge.h"
#include "report/page_json.h"
#include "respond/plan.h"
#include "weigh/assess.h"

namespace ascribe {

/// One run over a case: what was taken in, what is known, what follows.
struct Investigation {
  Intake intake;
  KnowledgeBase kb;
  std::optional<Knowledge> knowledge;
  Assessment assessment;               ///< the case as it is
  std::vector<CodeComparison> code;    ///< what its code links are shown with
};

struct InvestigateOptions {
  std::filesystem::path kb;  ///< folder of the ledger
  std::optional<Date> as_of;
  unsigned threads = 0;
  bool quiet = true;
  bool sensitivity = true;  ///< false: without the runs with one thing otherwise, for those who print none of them
};

/// Takes a case in and weighs it. Errors as TakeInCase, LoadKnowledgeBase, Ledger::Open.
[[nodiscard]] Result<Investigation> Investigate(const std::filesystem::path& case_folder, const InvestigateOptions& options);

/// Weighs a case that is in memory already against what the knowledge base holds. `knowledge` is built when it is empty,
/// once for any number of scenarios over one case and date. `threads`: 0: one per core.
[[nodiscard]] Assessment AssessCase(const CaseData& data, KnowledgeBase& kb, std::optional<Date> as_of, std::optional<Knowledge>& knowledge,
                                    const Scenario* scenario = nullptr, unsigned threads = 0, bool sensitivity = true);

/// What exports say beyond case and assessment. `knowledge` is the one that AssessCase built.
[[nodiscard]] ExportKnowledge KnowledgeForExport(const CaseData& data, const Assessment& assessment, const KnowledgeBase& kb, const Knowledge& knowledge);

/// What a defender may do about it. `assessment` is that of the case as it is, made with `knowledge`.
[[nodiscard]] ResponsePlan PlanCase(const CaseData& data, const KnowledgeBase& kb, const Knowledge& knowledge, const Assessment& assessment);

/// Where the files of OUT go, one after the other and piece by piece.
struct OutputSink {
  std::function<void(std::string_view name)> begin;  ///< what is added from now on is of this file
  TextSink add;
};

/// RenderOutputs below, without ever holding a large file whole: name and content of each file, the manifest last.
void RenderOutputs(const CaseData& data, const Assessment& assessment, const std::vector<Assessment>& scenarios, const Knowledge& knowledge,
                   const KnowledgeBase& kb, const Excerpts& excerpts, const std::vector<CodeComparison>& code, const OutputSink& sink);

/// The files of OUT, name -> bytes, manifest-sha256.txt among them; one more for each saved scenario. A pure function: no
/// clock, host or path enters. `excerpts`: see QuoteCitedFacts; `code`: see ShownCode.
[[nodiscard]] std::map<std::string, std::string> RenderOutputs(const CaseData& data, const Assessment& assessment, const std::vector<Assessment>& scenarios,
                                                               const Knowledge& knowledge, const KnowledgeBase& kb, const Excerpts& excerpts,
                                                               const std::vector<CodeComparison>& code = {});

/// File name of a saved scenario, and the name in such a file name (empty: it is none).
[[nodiscard]] std::string ScenarioFile(std::string_view name);
[[nodiscard]] std::string ScenarioOfFile(std::string_view file);

/// Opens the ledger below `kb`, or below the XDG data folder when it is empty.
[[nodiscard]] Result<Ledger> OpenLedger(const std::filesystem::path& kb, Ledger::Mode mode);

}  // namespace ascribe
