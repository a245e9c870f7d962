#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "code/code_base.h"
#include "ingest/pieces.h"
#include "model/case.h"
#include "model/code_comparison.h"
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
  std::map<std::string, std::filesystem::path> paths;  ///< sha256 -> file; members of archives have none
  std::vector<std::string> passwords;                  ///< of archives, from case.toml
  std::vector<CodeComparison> code;                    ///< what code links are shown with, by sample and family
  std::size_t from_ledger = 0;                         ///< files whose reading was already in the ledger
};

/// Reads a case folder: hashes every file, reads it (or takes its reading from the ledger when the same bytes were read by
/// the same reader before), commits new readings, and fills in source, date and marking from case.toml. Files are read in
/// parallel and committed in the order of their SHA-256, so the result does not depend on threads, file order or copies. What
/// lies in a file (members of archives, embedded programs) is evidence of its own: Evidence::parent says in what it lies, and
/// source, dates and marking are those of the file.
/// `ledger` may be null: nothing is remembered. Errors: kNotFound (no case), kInvalidInput (case.toml), ledger errors.
[[nodiscard]] Result<Intake> TakeInCase(const std::filesystem::path& folder, Ledger* ledger, const IntakeOptions& options);

/// Reads one file and what lies in it, the file first. Errors: kNotFound, kIo, kUnsupported (no reader recognises it and it holds
/// nothing).
[[nodiscard]] Result<std::vector<Piece>> ReadEvidenceFile(const std::filesystem::path& path, std::string_view name,
                                                          const std::vector<std::string>& passwords);

/// The bytes of a piece of evidence, out of the archives it lies in if need be. Errors: kNotFound, kIo.
[[nodiscard]] Result<Bytes> BytesOfEvidence(const Intake& intake, const std::string& sha256);

}  // namespace ascribe
