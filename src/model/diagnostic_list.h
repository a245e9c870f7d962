#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/diagnostic.h"

namespace ascribe {

/// Most diagnostics of one severity that one file may give. A hostile file of half a gigabyte could give one for every
/// other byte; nobody reads more than the first few, and the closing line says how many were left out.
inline constexpr std::size_t kMaxDiagnosticsPerFile = 1000;

/// Collects the diagnostics of one file within kMaxDiagnosticsPerFile. Not thread-safe: one per file being read.
class DiagnosticList {
 public:
  void Add(Diagnostic::Severity severity, Locator locator, std::string code, std::string text);
  /// As Add, but the same code and text is kept only the first time: for what a whole file does in every line.
  void AddOnce(Diagnostic::Severity severity, Locator locator, std::string code, std::string text);
  /// The diagnostics in the order they were added, with a closing "limit-diagnostics" when some were left out. Leaves
  /// the list empty.
  [[nodiscard]] std::vector<Diagnostic> Take();

 private:
  std::vector<Diagnostic> diagnostics_;
  std::set<std::pair<std::string, std::string>> once_;
  std::size_t kept_[3] = {0, 0, 0};
  std::size_t left_out_ = 0;
};

}  // namespace ascribe
