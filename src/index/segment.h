#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "index/block_file.h"
#include "index/records.h"
#include "index/stream.h"
#include "index/table.h"

namespace ascribe::index {

inline constexpr std::uint32_t kSegmentVersion = 1;
/// Samples, and signatures, of a segment; ids of a snapshot stay within 32 bits.
inline constexpr std::uint64_t kMaxIds = std::uint64_t{1} << 31;

/// Writes one segment file: all features by ascending key, then all signatures, then all samples, both by id from 0.
/// Not thread-safe. Memory: the sparse index, 8 bytes a block. The file is complete and on the disk after Finish().
class SegmentWriter {
 public:
  [[nodiscard]] static Result<std::unique_ptr<SegmentWriter>> Create(const std::filesystem::path& path);

  /// `holders` and `signatures` ascend without repeats and are not empty. More than kMaxSignatures are cut here.
  [[nodiscard]] Status AddFeature(std::uint64_t key, DocumentFrequency df, std::span<const std::uint32_t> holders,
                                  std::span<const std::uint32_t> signatures, bool cut);
  /// `functions` by sample, then address, not empty. More than kMaxFunctions are cut here; `total` counts them all.
  [[nodiscard]] Status AddSignature(std::uint64_t digest, std::uint64_t total,
                                    std::span<const FunctionPlace> functions);
  [[nodiscard]] Status AddSample(const SampleMeta& meta);
  [[nodiscard]] Status Finish();

 private:
  SegmentWriter(BlockWriter file, BlockWriter lists);
  void PutList(std::size_t count, Status& status);
  [[nodiscard]] Status AppendLists(StreamPlace& place);

  BlockWriter file_;
  BlockWriter lists_file_;  // a nameless file beside it: its blocks are appended at the end
  TableWriter features_;
  std::unique_ptr<TableWriter> signatures_;
  std::unique_ptr<TableWriter> samples_;
  StreamWriter lists_;
  Buffer record_, list_;
};

/// A segment file, open for reading. Thread-safe.
class Segment {
 public:
  /// Errors: kNotFound, kIo, kCorrupt ("FILE: block N: what"), kUnsupported (another version).
  [[nodiscard]] static Result<std::shared_ptr<const Segment>> Open(const std::filesystem::path& path);
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;

  [[nodiscard]] const TableReader& features() const { return features_; }
  [[nodiscard]] const TableReader& signatures() const { return signatures_; }
  [[nodiscard]] const TableReader& samples() const { return samples_; }
  [[nodiscard]] std::uint32_t sample_count() const { return static_cast<std::uint32_t>(samples_.place().records); }
  [[nodiscard]] std::uint32_t signature_count() const {
    return static_cast<std::uint32_t>(signatures_.place().records);
  }
  [[nodiscard]] const BlockFile& file() const { return file_; }
  [[nodiscard]] std::uint32_t header_crc() const { return header_crc_; }

  /// The bytes of a list, wherever it stands; the span lives as long as the record and `scratch` do.
  [[nodiscard]] Result<Span> List(const ListPlace& list, Buffer& scratch) const;
  void PrefetchList(const ListPlace& list) const;
  /// Appends the sample ids of a list, raised by `base`.
  [[nodiscard]] Status Holders(const ListPlace& list, std::uint32_t base, std::vector<std::uint32_t>& out) const;
  /// Appends the places of a signature, samples raised by `base`.
  [[nodiscard]] Status Functions(const ListPlace& list, std::uint32_t base, std::vector<FunctionPlace>& out) const;
  /// Every block against its CRC, sections that nobody looks up included.
  [[nodiscard]] Status VerifyBlocks() const;

 private:
  explicit Segment(BlockFile file) : file_(std::move(file)) {}
  [[nodiscard]] Status ReadHeader();

  BlockFile file_;
  TableReader features_, signatures_, samples_;
  StreamPlace lists_;
  std::uint32_t header_crc_ = 0;
};

}  // namespace ascribe::index
