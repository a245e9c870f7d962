#include "respond/step.h"

#include <array>

namespace ascribe {
namespace {

using enum StepKind;

constexpr std::array<StepWords, kStepKindCount> kVocabulary = {{
    {kPreserveEvidence, StepClass::kContain, "preserve-evidence", "keep the evidence",
     "Copy disks, memory and logs of the machines concerned with hashes and a custody record before anything on them "
     "is changed."},
    {kIsolateHosts, StepClass::kContain, "isolate-hosts", "isolate the machines concerned",
     "Take the machines concerned off the network, still powered, so that nothing spreads from them and nothing on "
     "them is lost.",
     true},
    {kBlockIndicators, StepClass::kContain, "block-indicators", "block the listed indicators",
     "Block the listed addresses, names and files at the own border and on the own machines until the day each of them "
     "expires."},
    {kSegmentNetwork, StepClass::kContain, "segment-network", "separate network segments",
     "Close remote administration and file sharing between the own network segments except where it is needed.", true},
    {kResetCredentials, StepClass::kContain, "reset-credentials", "reset credentials",
     "Reset passwords, keys and tickets that the intruder could have read, administrators first, and end open "
     "sessions.",
     true},
    {kHoldTransactions, StepClass::kContain, "hold-transactions", "hold and check payments",
     "Hold outgoing payments and have them confirmed by another channel until the payment systems are known to be "
     "clean.",
     true},
    {kRebuildHosts, StepClass::kRecover, "rebuild-hosts", "rebuild the machines concerned",
     "Rebuild the machines concerned from known good media; cleaning them leaves what was not found.", true},
    {kRestoreData, StepClass::kRecover, "restore-data", "restore data from backups",
     "Restore data from offline backups made before the first trace, after testing that they are whole and clean.",
     true},
    {kApplyMitigation, StepClass::kHarden, "apply-mitigation", "apply an ATT&CK mitigation",
     "Apply this ATT&CK mitigation where the technique it answers was seen."},
    {kSearchLogs, StepClass::kDetect, "search-logs", "search logs for the indicators",
     "Search own logs and files for the listed indicators, as far back as the first of them was seen; expired ones "
     "too."},
    {kDetectTechniques, StepClass::kDetect, "detect-techniques", "watch for the techniques seen",
     "Have the own detections cover the techniques seen, and test that each of them raises an alarm."},
    {kHuntRelatedTools, StepClass::kDetect, "hunt-related-tools", "look for tools of the linked attacks",
     "Look in the own systems for the tools and techniques of the earlier attacks that the links of this case lead "
     "to."},
    {kInformManagement, StepClass::kNotify, "inform-management", "inform management",
     "Tell those who answer for the organisation the severity as an interval, what is not known, and the verdict in "
     "its own words.",
     false},
    {kInformAffected, StepClass::kNotify, "inform-affected", "inform those affected",
     "Tell the people and partners whose data or services are affected, and the supervisory authority where law asks "
     "for it."},
    {kShareIndicators, StepClass::kShare, "share-indicators", "share the indicators",
     "Share indicators and techniques with the sector's exchange under the marking of the case, with expiry and "
     "without a name."},
    {kShareAssessment, StepClass::kShare, "share-assessment", "share the assessment",
     "Share the assessment with trusted partners as a likelihood with its rivals and its weak points, never as a fact.",
     false, true},
    {kInformCsirt, StepClass::kRefer, "inform-csirt", "inform the national CSIRT",
     "Report the incident to the national CSIRT with evidence and custody record; it needs no name for that."},
    {kReportCrime, StepClass::kRefer, "report-crime", "report the crime",
     "Report the crime to law enforcement with evidence and custody record; finding out who did it is theirs."},
    {kReferAttribution, StepClass::kRefer, "refer-attribution", "hand over the attribution",
     "Hand the attribution with evidence, rivals and contradictions to the competent authorities; any measure towards "
     "anybody is theirs alone, by law.",
     false, true},
}};

constexpr bool InOrder() {
  for (std::size_t i = 0; i < kStepKindCount; ++i)
    if (kVocabulary[i].kind != static_cast<StepKind>(i)) return false;
  return true;
}
static_assert(InOrder());

}  // namespace

std::string_view StepClassName(StepClass step_class) {
  constexpr std::string_view kNames[] = {"contain", "recover", "harden", "detect", "notify", "share", "refer"};
  return kNames[static_cast<std::size_t>(step_class)];
}

std::span<const StepWords> StepVocabulary() { return kVocabulary; }
const StepWords& WordsOf(StepKind kind) { return kVocabulary[static_cast<std::size_t>(kind)]; }

std::optional<StepKind> ParseStepKind(std::string_view id) {
  for (const StepWords& words : kVocabulary)
    if (words.id == id) return words.kind;
  return std::nullopt;
}

}  // namespace ascribe
