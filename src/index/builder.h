#pragma once

#include <cstdint>
#include <filesystem>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "index/block_file.h"
#include "index/groups.h"
#include "index/sample.h"

namespace ascribe::index {

/// Makes one segment of samples: postings (key, signature) are collected in a bounded buffer, sorted, spilled as runs
/// to nameless files and merged at the end. Memory besides the buffer: 16 bytes a function, some 50 a signature, the
/// samples. Not thread-safe. The same samples in the same order give the same bytes, whatever the buffer's size.
class SegmentBuilder {
 public:
  static constexpr std::size_t kDefaultPostings = std::size_t{1} << 24;  // 256 MiB
  /// `scratch` is the folder for runs.
  explicit SegmentBuilder(std::filesystem::path scratch, std::size_t postings_in_memory = kDefaultPostings)
      : scratch_(std::move(scratch)), capacity_(postings_in_memory) {}

  /// Errors: kInvalidInput, kLimitExceeded (labels), kIo. After an error the builder is of no use.
  [[nodiscard]] Status Add(const SampleFunctions& sample);
  [[nodiscard]] std::size_t sample_count() const { return samples_.size(); }
  [[nodiscard]] std::uint64_t posting_count() const { return spilled_ + postings_.size(); }
  /// Writes the segment file, flushed to the disk. At least one sample must have been added. Once only.
  [[nodiscard]] Status Write(const std::filesystem::path& path);

  struct Posting {
    std::uint64_t key = 0;
    std::uint32_t signature = 0;
    friend auto operator<=>(const Posting&, const Posting&) = default;
  };

 private:
  struct Occurrence {
    std::uint64_t address;
    std::uint32_t signature;
    std::uint32_t sample;
  };
  [[nodiscard]] Status Spill();
  [[nodiscard]] Status WriteFeatures(class SegmentWriter& out, const std::vector<std::uint32_t>& starts);

  std::filesystem::path scratch_;
  std::size_t capacity_;
  std::vector<SampleMeta> samples_;
  Groups groups_;
  std::unordered_map<std::uint64_t, std::uint32_t> signature_of_;  // by digest
  std::vector<std::uint64_t> digests_;                             // by signature
  std::vector<Occurrence> occurrences_;
  std::vector<Posting> postings_;
  std::vector<Descriptor> runs_;
  std::uint64_t spilled_ = 0;
};

}  // namespace ascribe::index
