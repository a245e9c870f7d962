#include "code/stored_sample.h"

#include <algorithm>
#include <fstream>

#include "base/hash64.h"
#include "base/io.h"
#include "base/sha256.h"

namespace ascribe {
namespace {

constexpr std::string_view kMagic = "ascribe-code/2\n";
// The same without metadata; kept from earlier versions.
constexpr std::string_view kFirstMagic = "ascribe-code/1\n";
static_assert(kMagic.size() == kFirstMagic.size());
constexpr std::size_t kDigest = 64;

void Put(std::string& out, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
}

void PutText(std::string& out, std::string_view text) {
  Put(out, text.size(), 4);
  out += text;
}

class Reader {
 public:
  explicit Reader(ByteView bytes) : bytes_(bytes) {}
  std::uint64_t Number(std::size_t bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
      const auto byte = bytes_.U8(at_ + i);
      if (!byte) {
        good_ = false;
        return 0;
      }
      value |= std::uint64_t{*byte} << (8 * i);
    }
    at_ += bytes;
    return value;
  }
  std::string Text() {
    const std::uint64_t size = Number(4);
    const auto slice = bytes_.Slice(at_, size);
    if (!good_ || !slice) {
      good_ = false;
      return {};
    }
    at_ += size;
    return std::string(slice->text());
  }
  // Each key takes eight bytes, so a count beyond what is left is a lie and reserves nothing.
  std::vector<std::uint64_t> Keys() {
    const std::uint64_t count = Number(4);
    std::vector<std::uint64_t> keys;
    if (!good_ || !bytes_.Contains(at_, count * 8)) {
      good_ = false;
      return keys;
    }
    keys.reserve(static_cast<std::size_t>(count));
    for (std::uint64_t i = 0; i < count; ++i) keys.push_back(Number(8));
    return keys;
  }
  void Skip(std::size_t bytes) { at_ += bytes; }
  [[nodiscard]] std::size_t at() const { return static_cast<std::size_t>(at_); }
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool at_end() const { return at_ == bytes_.size(); }

 private:
  ByteView bytes_;
  std::uint64_t at_ = 0;
  bool good_ = true;
};

bool IsCode(std::uint64_t key) { return ChannelOf(key) <= static_cast<unsigned>(CodeChannel::kGram); }

}  // namespace

void AddMetadata(const std::vector<MetadataItem>& metadata, std::vector<index::FunctionSignature>& functions) {
  for (const MetadataItem& item : metadata) functions.front().features.push_back(item.key);
}

std::vector<index::FunctionSignature> SignaturesOf(const Program& program) {
  std::vector<index::FunctionSignature> signatures;
  signatures.reserve(program.functions.size() + 1);
  signatures.push_back({0, program.data});
  for (const CodeFunction& f : program.functions) {
    index::FunctionSignature signature{f.address, {}};
    for (std::uint64_t key : f.features) {
      // Small numbers tell functions apart once a file is known, not files.
      if (ChannelOf(key) == static_cast<unsigned>(CodeChannel::kSmall)) continue;
      if (IsCode(key) && f.instructions < kMinFunction) continue;
      signature.features.push_back(key);
    }
    if (!signature.features.empty()) signatures.push_back(std::move(signature));
  }
  return signatures;
}

FeatureSketch SketchOf(const std::vector<index::FunctionSignature>& functions) {
  std::vector<std::uint64_t> keys;
  for (const index::FunctionSignature& f : functions) keys.insert(keys.end(), f.features.begin(), f.features.end());
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  FeatureSketch sketch;
  for (std::size_t i = 0; i < keys.size();) {
    const unsigned channel = ChannelOf(keys[i]);
    std::size_t k = i;
    while (k < keys.size() && ChannelOf(keys[k]) == channel) ++k;
    if (channel < kCodeChannels) {
      sketch.count[channel] = static_cast<std::uint32_t>(k - i);
      std::vector<std::uint64_t> drawn(keys.begin() + static_cast<std::ptrdiff_t>(i), keys.begin() + static_cast<std::ptrdiff_t>(k));
      const std::size_t kept = std::min(drawn.size(), FeatureSketch::kKept);
      std::partial_sort(drawn.begin(), drawn.begin() + static_cast<std::ptrdiff_t>(kept), drawn.end(),
                        [](std::uint64_t a, std::uint64_t b) { return Scramble(a) < Scramble(b); });
      drawn.resize(kept);
      sketch.kept[channel] = std::move(drawn);
    }
    i = k;
  }
  return sketch;
}

std::string PrintStoredSample(const StoredSample& sample) {
  std::string out(kMagic);
  for (const std::string* text : {&sample.meta.sha256, &sample.meta.actor, &sample.meta.family, &sample.meta.version, &sample.meta.package})
    PutText(out, *text);
  for (std::size_t c = 0; c < kCodeChannels; ++c) {
    Put(out, sample.sketch.count[c], 4);
    Put(out, sample.sketch.kept[c].size(), 4);
    for (std::uint64_t key : sample.sketch.kept[c]) Put(out, key, 8);
  }
  out += Sha256Hex(out);
  Put(out, sample.functions.size(), 4);
  for (const index::FunctionSignature& f : sample.functions) {
    Put(out, f.address, 8);
    Put(out, f.features.size(), 4);
    for (std::uint64_t key : f.features) Put(out, key, 8);
  }
  return out + Sha256Hex(out);
}

Result<StoredSample> ParseStoredHead(ByteView bytes, std::size_t& end) {
  if (!bytes.text().starts_with(kMagic) && !bytes.text().starts_with(kFirstMagic))
    return Fail(bytes.text().starts_with("ascribe-code/") ? ErrorCode::kUnsupported : ErrorCode::kCorrupt,
                "neither an ascribe-code/1 nor an ascribe-code/2 file");
  Reader in(bytes);
  in.Skip(kMagic.size());
  StoredSample sample;
  for (std::string* text : {&sample.meta.sha256, &sample.meta.actor, &sample.meta.family, &sample.meta.version, &sample.meta.package})
    *text = in.Text();
  for (std::size_t c = 0; c < kCodeChannels; ++c) {
    sample.sketch.count[c] = static_cast<std::uint32_t>(in.Number(4));
    sample.sketch.kept[c] = in.Keys();
  }
  const std::size_t covered = in.at();
  const auto digest = bytes.Slice(covered, kDigest);
  if (!in.good() || !digest) return Fail(ErrorCode::kCorrupt, "cut off");
  if (Sha256Hex(*bytes.Slice(0, covered)) != digest->text()) return Fail(ErrorCode::kCorrupt, "its first digest does not match");
  end = covered + kDigest;
  return sample;
}

Result<StoredSample> ParseStoredSample(ByteView bytes) {
  std::size_t head = 0;
  TRY_ASSIGN(StoredSample sample, ParseStoredHead(bytes, head));
  if (bytes.size() < head + kDigest) return Fail(ErrorCode::kCorrupt, "cut off");
  const ByteView body = *bytes.Slice(0, bytes.size() - kDigest);
  if (Sha256Hex(body) != bytes.text().substr(body.size())) return Fail(ErrorCode::kCorrupt, "its digest does not match");
  Reader in(body);
  in.Skip(head);
  const std::uint64_t functions = in.Number(4);
  for (std::uint64_t i = 0; i < functions && in.good(); ++i) {
    index::FunctionSignature f;
    f.address = in.Number(8);
    f.features = in.Keys();
    sample.functions.push_back(std::move(f));
  }
  if (!in.good() || !in.at_end()) return Fail(ErrorCode::kCorrupt, "its records do not fill it");
  return sample;
}

Status WriteStoredSample(const std::filesystem::path& path, const StoredSample& sample) {
  return WriteFileAtomic(path, PrintStoredSample(sample));
}

Result<StoredSample> ReadStoredSample(const std::filesystem::path& path) {
  TRY_ASSIGN(const Bytes bytes, ReadFile(path, kMaxStoredSample));
  auto sample = ParseStoredSample(bytes);
  if (!sample) return FailAt(path.string(), sample.error());
  return sample;
}

Result<StoredSample> ReadStoredHead(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Fail(ErrorCode::kNotFound, path.string() + ": cannot be opened");
  Bytes bytes(kMaxStoredHead);
  in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(in.gcount()));
  std::size_t end = 0;
  auto sample = ParseStoredHead(bytes, end);
  if (!sample) return FailAt(path.string(), sample.error());
  return sample;
}

}  // namespace ascribe
