#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "code/code_base.h"
#include "model/case.h"
#include "store/ledger.h"

namespace ascribe {

struct IntakeOptions {
  unsigned threads = 0;  ///< 0: one per core
  bool quiet = true;
  /// Known code that samples of the case are held against; null: none. What is found depends on it and so is never kept in
  /// the ledger.
  const CodeBase* code = nullptr;
};

/// A case taken in. `paths` says where each piece of evidence lies now; it never reaches an output.
struct Intake {
  CaseData data;
  std::map<std::string, std::filesystem::path> paths;  ///< sha256 -> file
  std::size_t from_ledger = 0;                         ///< files whose reading was already in the ledger
};

/// Reads a case folder: hashes every file, reads it (or takes its reading from the ledger when the same bytes were read by
/// the same reader before), commits new readings, and fills in source, date and marking from case.toml. Files are read in
/// parallel and committed in the order of their SHA-256, so the result does not depend on threads, file order or copies.
/// `ledger` may be null: nothing is remembered. Errors: kNotFound (no case), kInvalidInput (case.toml), ledger errors.
[[nodiscard]] Result<Intake> TakeInCase(const std::filesystem::path& folder, Ledger* ledger, const IntakeOptions& options);

/// Reads one file with the reader that recognises it best. Errors: kNotFound, kIo, kUnsupported (no reader).
struct FileReading {
  Evidence evidence;
  std::vector<Fact> facts;
  std::vector<Diagnostic> diagnostics;
};
[[nodiscard]] Result<FileReading> ReadEvidenceFile(const std::filesystem::path& path, std::string_view name);

}  // namespace ascribe
