#include "index/records.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace ascribe::index {
namespace {

constexpr std::array kLabels = {&SampleMeta::actor, &SampleMeta::family, &SampleMeta::version, &SampleMeta::package};

// varint count * 2 + apart, then: apart: varint position, varint length; else varint length, the bytes.
std::optional<ListPlace> ParseList(VarintReader& in) {
  ListPlace list;
  const std::uint64_t head = in.Next();
  if (head < 2 || head >> 33 != 0) return std::nullopt;
  list.count = static_cast<std::uint32_t>(head >> 1);
  list.apart = (head & 1) != 0;
  if (list.apart) {
    list.position = in.Next();
    list.length = in.Next();
    if (list.length < list.count) return std::nullopt;  // an entry takes a byte at least
  } else {
    list.length = in.Next();
    list.bytes = in.Take(list.length);
  }
  if (!in.ok()) return std::nullopt;
  return list;
}

bool IsHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

std::optional<FeatureRecord> ParseFeature(Span record) {
  VarintReader in(record);
  FeatureRecord feature;
  const auto holders = ParseList(in);
  if (!holders) return std::nullopt;
  feature.holders = *holders;
  if (holders->count > 1) {
    const std::uint64_t families = in.Next(), packages = in.Next();
    if (families > holders->count || packages > holders->count || families + packages == 0) return std::nullopt;
    feature.df = DocumentFrequency{static_cast<std::uint32_t>(families), static_cast<std::uint32_t>(packages)};
  }
  const std::uint64_t head = in.Next();
  if (!in.ok() || head < 2 || head >> 1 > kMaxSignatures) return std::nullopt;
  feature.signature_count = static_cast<std::uint32_t>(head >> 1);
  feature.cut = (head & 1) != 0;
  feature.signatures = in.Rest();
  return feature;
}

std::optional<SignatureRecord> ParseSignature(Span record) {
  if (record.size() < 8) return std::nullopt;
  SignatureRecord signature;
  signature.digest = GetLittle64(record.data());
  VarintReader in(record.subspan(8));
  signature.total = in.Next();
  const auto functions = ParseList(in);
  if (!functions || !in.done() || functions->count > kMaxFunctions || signature.total < functions->count)
    return std::nullopt;
  signature.functions = *functions;
  return signature;
}

void PutFunctions(Buffer& out, std::span<const FunctionPlace> functions) {
  std::uint32_t sample = 0;
  std::uint64_t address = 0;
  for (const FunctionPlace& place : functions) {
    PutVarint(out, place.sample - sample);
    if (place.sample != sample) address = 0;
    const std::uint64_t difference = place.address - address;  // may wrap: addresses need not ascend
    PutVarint(out, difference << 1 ^ (difference >> 63 != 0 ? ~std::uint64_t{0} : 0));
    sample = place.sample;
    address = place.address;
  }
}

bool GetFunctions(Span bytes, std::uint64_t count, std::uint64_t limit, std::uint32_t base,
                  std::vector<FunctionPlace>& out) {
  if (count > bytes.size() / 2) return false;
  VarintReader in(bytes);
  std::uint64_t sample = 0;
  std::uint64_t address = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t step = in.Next();
    if (step >= limit || sample + step >= limit) return false;
    sample += step;
    if (step != 0) address = 0;
    const std::uint64_t zigzag = in.Next();
    address += zigzag >> 1 ^ ((zigzag & 1) != 0 ? ~std::uint64_t{0} : 0);
    out.push_back({base + static_cast<std::uint32_t>(sample), address});
  }
  return in.done();
}

Status CheckMeta(const SampleMeta& meta) {
  if (meta.sha256.size() != 64 || !IsHex(meta.sha256))
    return Fail(ErrorCode::kInvalidInput, fmt::format("\"{}\" is no SHA-256 in lower-case hex", meta.sha256));
  for (const auto label : kLabels)
    if ((meta.*label).size() > kMaxLabelBytes)
      return Fail(ErrorCode::kLimitExceeded, fmt::format("a label of {} has {} bytes, the limit is {}", meta.sha256,
                                                         (meta.*label).size(), kMaxLabelBytes));
  return {};
}

void PutMeta(Buffer& out, const SampleMeta& meta) {
  const auto nibble = [](char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10); };
  for (std::size_t i = 0; i < 64; i += 2)
    out.push_back(static_cast<std::uint8_t>(nibble(meta.sha256[i]) << 4 | nibble(meta.sha256[i + 1])));
  for (const auto label : kLabels) {
    PutVarint(out, (meta.*label).size());
    out.insert(out.end(), (meta.*label).begin(), (meta.*label).end());
  }
}

std::optional<SampleMeta> ParseMeta(Span record) {
  if (record.size() < 32) return std::nullopt;
  SampleMeta meta;
  for (const std::uint8_t byte : record.first(32))
    meta.sha256 += {"0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15]};
  VarintReader in(record.subspan(32));
  for (const auto label : kLabels) {
    const std::uint64_t length = in.Next();
    if (length > kMaxLabelBytes) return std::nullopt;
    const Span text = in.Take(length);
    (meta.*label).assign(text.begin(), text.end());
  }
  if (!in.done()) return std::nullopt;
  return meta;
}

}  // namespace ascribe::index
