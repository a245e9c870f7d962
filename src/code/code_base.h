#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "code/kept_code.h"
#include "code/stored_sample.h"
#include "index/index_reader.h"

namespace ascribe {

/// The code of known samples and of goodware: `samples/` and `goodware/`, each an index (docs/formats/code-index.md) and
/// one features file a sample (docs/formats/code-base.md), from which the index can be made again; beside those of samples
/// the code that links are shown with. A value of open snapshots; reading is thread-safe.
class CodeBase {
 public:
  enum class Part { kSamples, kGoodware };

  /// Opens what is there; parts that never held anything are empty. Errors: kIo, kUnsupported, kCorrupt (also: the index is
  /// gone, though samples were added).
  [[nodiscard]] static Result<CodeBase> Open(const std::filesystem::path& folder);

  /// A part's index; nullptr when it holds nothing.
  [[nodiscard]] const index::IndexReader* part(Part part) const {
    const auto& reader = part == Part::kSamples ? samples_ : goodware_;
    return reader ? &*reader : nullptr;
  }
  /// The features file of a sample. Errors as ReadStoredSample.
  [[nodiscard]] Result<StoredSample> Stored(Part part, const std::string& sha256) const;

  /// Its labels and sketch only. Errors as ReadStoredHead.
  [[nodiscard]] Result<StoredSample> StoredHead(Part part, const std::string& sha256) const;

  /// The code kept of a sample. Errors as ReadKeptCode; kNotFound: it was added by a version that kept none.
  [[nodiscard]] Result<KeptCode> Kept(const std::string& sha256) const;

  struct Added {
    bool fresh = false;         ///< false: a sample with this SHA-256 is there already, its labels unchanged
    bool kept = false;          ///< its code was kept now; of a sample that is there already: it was not before
    std::string unavailable;    ///< why the code is no evidence; then nothing was added
    std::string skipped;        ///< which of its tables were not read, one line; empty: none
    std::size_t functions = 0;
  };
  /// Adds samples and the programs that they carry (code/programs.h) under one label, known since `known`; one Commit at the end, so that all or none become visible. `each` is
  /// told what became of each. The files of a sample are written before the index knows it. Of a sample that is there already
  /// only its code is kept, when it was not. Errors of the store end it; a file that is no program is reported through `each`
  /// and skipped.
  [[nodiscard]] static Status Add(const std::filesystem::path& folder, Part part, const index::SampleMeta& label, Date known,
                                  const std::vector<std::filesystem::path>& files,
                                  const std::function<void(const std::filesystem::path&, const Result<Added>&)>& each);

  /// Reads everything and holds index and features files against each other; findings, sorted. Empty: whole.
  [[nodiscard]] static Result<std::vector<std::string>> Verify(const std::filesystem::path& folder);
  /// Makes both indexes anew from the features files; of a part that is lost with all of them, an empty one.
  [[nodiscard]] static Status Rebuild(const std::filesystem::path& folder);

  [[nodiscard]] static std::filesystem::path PartFolder(const std::filesystem::path& folder, Part part);

 private:
  std::filesystem::path folder_;
  std::optional<index::IndexReader> samples_, goodware_;
};

}  // namespace ascribe
