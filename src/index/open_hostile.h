#pragma once

#include <filesystem>
#include <string>

#include "base/io.h"
#include "index/index_reader.h"
#include "index/index_writer.h"
#include "index/manifest.h"
#include "index/merge.h"

namespace ascribe::index {

/// For tests and the fuzz target: puts `bytes` down as the only segment of an index in `folder`, asks every question
/// there is and merges it with itself. Gives the first error, or "".
inline std::string AskEverything(const std::filesystem::path& folder, Span bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  Manifest manifest{2, {{1, bytes.size() / kBlockBytes, 0}}};
  if (bytes.size() >= kBlockBytes)
    manifest.segments[0].header_crc = static_cast<std::uint32_t>(GetLittle(bytes.data() + kPayloadBytes, 4));
  if (!WriteFileAtomic(SegmentPath(folder, 1), text) || !WriteFileAtomic(ManifestPath(folder), ManifestText(manifest)))
    return "cannot write the index";
  const auto reader = IndexReader::Open(folder);
  if (!reader) return reader.error().message;
  std::string first;
  const auto note = [&](const auto& result) {
    if (!result && first.empty()) first = result.error().message;
  };
  const auto findings = reader->Verify();
  if (!findings.empty()) first = findings.front();
  std::vector<std::uint64_t> keys;
  const Segment& segment = reader->segment(0);
  note(segment.features().ForEach([&](std::uint64_t key, Span) {
    keys.push_back(key);
    return true;
  }));
  for (const std::uint64_t key : segment.features().first_keys()) keys.push_back(key);
  std::sort(keys.begin(), keys.end());
  note(reader->Query(keys, {}));
  const Scope odd = reader->MakeScope([](const SampleMeta& m) { return (m.sha256[0] & 1) != 0; });
  note(reader->Query(keys, {3, &odd, HalvingWeight}));
  note(reader->Lookup(keys, &odd));
  for (std::uint32_t i = 0; i < std::min(segment.signature_count(), 2000u); ++i) note(reader->Functions(i));
  const auto again = Segment::Open(SegmentPath(folder, 1));
  if (again) note(MergeSegments(std::vector{*again, *again}, folder / "merged"));
  return first;
}

/// One input of the fuzz target: an even first byte: the rest is a manifest; else a segment whose CRCs are made right.
inline void FuzzCodeIndex(const std::filesystem::path& folder, Span input) {
  if (input.empty()) return;
  const Span rest = input.subspan(1);
  if (input[0] % 2 == 0) {
    if (const auto manifest = ParseManifest({reinterpret_cast<const char*>(rest.data()), rest.size()}))
      (void)ManifestText(*manifest);
    return;
  }
  Buffer bytes(rest.begin(), rest.end());
  for (std::size_t i = 0; i < bytes.size() / kBlockBytes; ++i) {
    std::uint8_t* block = bytes.data() + i * kBlockBytes;
    PutLittle(block + kPayloadBytes, BlockCrc(block, i), 4);
  }
  (void)AskEverything(folder, bytes);
}

}  // namespace ascribe::index
