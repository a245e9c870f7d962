#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "base/result.h"
#include "code/metadata.h"
#include "code/sample_code.h"
#include "index/sample.h"

namespace ascribe {

/// Of each channel how many features a sample has, and the smallest of them: a sample drawn by hash, the same on every
/// machine, from which its weight under any rarity table is estimated without reading all.
struct FeatureSketch {
  static constexpr std::size_t kKept = 512;  ///< a channel; the estimate is within 5 % in 19 of 20 cases, exact below
  std::array<std::uint32_t, kCodeChannels> count{};
  std::array<std::vector<std::uint64_t>, kCodeChannels> kept;  ///< ascending by Scramble of the key
};

/// What the code base remembers of a sample: labels, sketch, and all features by function. From these files the index
/// can be made again; the sample itself is not kept. docs/formats/code-base.md.
struct StoredSample {
  index::SampleMeta meta;
  FeatureSketch sketch;
  std::vector<index::FunctionSignature> functions;  ///< the first, at address 0, holds what belongs to no function
};

/// The features of a program in the order that files and index have. Functions below kMinFunction instructions give
/// their values (constants, texts, imports, tables) only: short code is the same everywhere.
[[nodiscard]] std::vector<index::FunctionSignature> SignaturesOf(const Program& program);
/// Adds metadata to what belongs to no function. `functions` as SignaturesOf made them; sketches leave metadata out.
void AddMetadata(const std::vector<MetadataItem>& metadata, std::vector<index::FunctionSignature>& functions);
[[nodiscard]] FeatureSketch SketchOf(const std::vector<index::FunctionSignature>& functions);

/// Errors: kIo. Atomic.
[[nodiscard]] Status WriteStoredSample(const std::filesystem::path& path, const StoredSample& sample);
/// Errors: kNotFound, kIo, kCorrupt (digest or structure), kUnsupported (version). Bounded by the file's size.
[[nodiscard]] Result<StoredSample> ReadStoredSample(const std::filesystem::path& path);
/// Only labels and sketch, without reading the rest; they have a digest of their own.
[[nodiscard]] Result<StoredSample> ReadStoredHead(const std::filesystem::path& path);
/// The same from bytes; `end` becomes the offset behind the head.
[[nodiscard]] Result<StoredSample> ParseStoredHead(ByteView bytes, std::size_t& end);
/// The same from bytes, for tests and fuzzing.
[[nodiscard]] Result<StoredSample> ParseStoredSample(ByteView bytes);
[[nodiscard]] std::string PrintStoredSample(const StoredSample& sample);

/// Labels of 200 bytes and a full sketch take less than half of it.
inline constexpr std::size_t kMaxStoredHead = std::size_t{128} << 10;
/// Largest file read back: 300 MB of Go code give some 200 MB of features.
inline constexpr std::uint64_t kMaxStoredSample = std::uint64_t{1} << 30;

}  // namespace ascribe
