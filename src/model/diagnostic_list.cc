#include "model/diagnostic_list.h"

#include <fmt/format.h>

namespace ascribe {

void DiagnosticList::Add(Diagnostic::Severity severity, Locator locator, std::string code, std::string text) {
  std::size_t& kept = kept_[static_cast<std::size_t>(severity)];
  if (kept >= kMaxDiagnosticsPerFile) {
    ++left_out_;
    return;
  }
  ++kept;
  diagnostics_.push_back({severity, "", std::move(locator), std::move(code), std::move(text)});
}

void DiagnosticList::AddOnce(Diagnostic::Severity severity, Locator locator, std::string code, std::string text) {
  // The memory of what was said is bounded too: past the limit nothing new would be kept anyway.
  if (once_.size() >= kMaxDiagnosticsPerFile) {
    if (!once_.contains({code, text})) ++left_out_;
    return;
  }
  if (once_.emplace(code, text).second) Add(severity, std::move(locator), std::move(code), std::move(text));
}

std::vector<Diagnostic> DiagnosticList::Take() {
  if (left_out_ > 0)
    diagnostics_.push_back({Diagnostic::Severity::kWarning,
                            "",
                            {},
                            "limit-diagnostics",
                            fmt::format("{} more remarks on this file were left out", left_out_)});
  std::vector<Diagnostic> taken = std::move(diagnostics_);
  *this = {};
  return taken;
}

}  // namespace ascribe
