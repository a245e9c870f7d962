#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "index/sample.h"
#include "index/varint.h"

namespace ascribe::index {

/// Signature ids kept for a feature: the smallest. In the measured workload (docs/bench-index.md) 0.04 % of the keys
/// are longer and hold 42 % of all postings; they are library code and tell nothing. The holders, and with them the
/// document frequency, are never cut.
inline constexpr std::size_t kMaxSignatures = 256;
/// Functions kept for a signature: the first by sample and address. Nobody reads more, and no count is derived from it.
inline constexpr std::size_t kMaxFunctions = 4096;
/// Longer lists stand apart, in the list section: a block then holds several records, and a common feature costs its
/// list only when its frequency says that it can still matter.
inline constexpr std::size_t kMaxInlineBytes = 512;
/// Of a label. Four of them and the rest stay within one record.
inline constexpr std::size_t kMaxLabelBytes = 400;

/// A list of a record: within it, or in the list section.
struct ListPlace {
  bool apart = false;
  Span bytes;                  ///< within
  std::uint64_t position = 0;  ///< in the list section
  std::uint64_t length = 0;    ///< bytes
  std::uint32_t count = 0;     ///< entries
};

/// A feature: who holds it, and in which signatures.
struct FeatureRecord {
  std::optional<DocumentFrequency> df;  ///< absent for one holder: his label says which it is
  ListPlace holders;                    ///< sample ids, all of them
  Span signatures;                      ///< ids, at most kMaxSignatures
  std::uint32_t signature_count = 0;
  bool cut = false;  ///< there are more signatures
};
[[nodiscard]] std::optional<FeatureRecord> ParseFeature(Span record);

/// A signature: the first 64 bits of the SHA-256 of its sorted features (two sets of 10 million share one by accident
/// with a chance of 3 in a million), and where it occurs.
struct SignatureRecord {
  std::uint64_t digest = 0;
  std::uint64_t total = 0;  ///< functions that have it; listed are at most kMaxFunctions
  ListPlace functions;
};
[[nodiscard]] std::optional<SignatureRecord> ParseSignature(Span record);

void PutFunctions(Buffer& out, std::span<const FunctionPlace> functions);
/// Appends the places, samples raised by `base`; samples below `limit`, ascending.
[[nodiscard]] bool GetFunctions(Span bytes, std::uint64_t count, std::uint64_t limit, std::uint32_t base,
                                std::vector<FunctionPlace>& out);

[[nodiscard]] Status CheckMeta(const SampleMeta& meta);
void PutMeta(Buffer& out, const SampleMeta& meta);
[[nodiscard]] std::optional<SampleMeta> ParseMeta(Span record);

}  // namespace ascribe::index
