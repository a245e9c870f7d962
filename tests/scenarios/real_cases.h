#pragma once

#include <optional>
#include <string>

#include "app/case_intake.h"
#include "app/investigation.h"
#include "app/knowledge_base.h"

namespace ascribe {

inline constexpr const char* kExamples[] = {"bangladesh-bank-2016",   "darkseoul-2013", "dnc-2016",  "notpetya-2017",
                                            "olympic-destroyer-2018", "shamoon-2012",   "sony-2014", "wannacry-2017"};

/// An example as the reader took it in.
[[nodiscard]] CaseData LoadExample(const std::string& name);
/// What the shipped packs and tables hold; the tables alone depend on the date.
[[nodiscard]] KnowledgeBase LoadShipped(std::optional<Date> as_of);

/// An assessment with the knowledge it was made from.
struct Replay {
  std::optional<Knowledge> knowledge;
  Assessment assessment;
};
[[nodiscard]] Replay RunExample(const CaseData& data, std::optional<Date> as_of);

}  // namespace ascribe
