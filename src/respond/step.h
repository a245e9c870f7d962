#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace ascribe {

/// What a step is for. There is no class for acting against anybody: docs/response.md says why.
enum class StepClass : std::uint8_t { kContain, kRecover, kHarden, kDetect, kNotify, kShare, kRefer };
[[nodiscard]] std::string_view StepClassName(StepClass step_class);

/// Every step that a plan can hold. Closed on purpose: a data file sets from which severity and verdict on a step is
/// justified, but cannot bring a step of its own. All of them stay within the defender's own systems, or tell somebody.
enum class StepKind : std::uint8_t {
  kPreserveEvidence,
  kIsolateHosts,
  kBlockIndicators,
  kSegmentNetwork,
  kResetCredentials,
  kHoldTransactions,
  kRebuildHosts,
  kRestoreData,
  kApplyMitigation,
  kSearchLogs,
  kDetectTechniques,
  kHuntRelatedTools,
  kInformManagement,
  kInformAffected,
  kShareIndicators,
  kShareAssessment,
  kInformCsirt,
  kReportCrime,
  kReferAttribution,
};
inline constexpr std::size_t kStepKindCount = static_cast<std::size_t>(StepKind::kReferAttribution) + 1;

struct StepWords {
  StepKind kind = StepKind::kPreserveEvidence;
  StepClass step_class = StepClass::kContain;
  std::string_view id;     ///< "isolate-hosts", in files
  std::string_view label;  ///< a few words
  std::string_view text;   ///< one or two sentences
  /// Interrupts work or costs much: it needs the low end of the severity interval. What can be undone or disturbs
  /// nobody needs the high end only.
  bool disruptive = false;
  bool rests_on_name = false;  ///< it uses the name in the verdict, so it rests on the claims for that name
};

/// One entry a kind, in the order of the enum.
[[nodiscard]] std::span<const StepWords> StepVocabulary();
[[nodiscard]] const StepWords& WordsOf(StepKind kind);
[[nodiscard]] std::optional<StepKind> ParseStepKind(std::string_view id);

}  // namespace ascribe
