#include "index/builder.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <tuple>

#include "base/sha256.h"
#include "index/segment.h"

namespace ascribe::index {
namespace fs = std::filesystem;
namespace {

using Posting = SegmentBuilder::Posting;

std::uint64_t Digest(const std::vector<std::uint64_t>& features) {
  Buffer bytes(features.size() * 8);
  for (std::size_t i = 0; i < features.size(); ++i) PutLittle(bytes.data() + 8 * i, features[i], 8);
  const std::string hex = Sha256Hex(bytes);
  std::uint64_t digest = 0;
  std::from_chars(hex.data(), hex.data() + 16, digest, 16);
  return digest;
}

// One sorted run, read a megabyte at a time; the last one is what is still in memory.
class Run {
 public:
  explicit Run(std::vector<Posting> in_memory) : buffer_(std::move(in_memory)) {}
  Run(int fd, const fs::path& folder) : fd_(fd), folder_(&folder) {}
  // Moves the next posting to `head`; false at the end or after an error, which status() tells.
  bool Next(Posting& head) {
    if (at_ == buffer_.size() && fd_ >= 0) status_ = Refill();
    if (at_ == buffer_.size() || !status_) return false;
    head = buffer_[at_++];
    return true;
  }
  const Status& status() const { return status_; }

 private:
  Status Refill() {
    buffer_.resize(kPostingsAtOnce);
    at_ = 0;
    auto* bytes = reinterpret_cast<char*>(buffer_.data());
    std::size_t done = 0;
    while (done < kPostingsAtOnce * sizeof(Posting)) {
      const ssize_t n = ::read(fd_, bytes + done, kPostingsAtOnce * sizeof(Posting) - done);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return tl::unexpected(SystemError("read a run in", *folder_));
      if (n == 0) break;
      done += static_cast<std::size_t>(n);
    }
    if (done % sizeof(Posting) != 0) return Fail(ErrorCode::kIo, "a run in " + folder_->string() + " was cut short");
    buffer_.resize(done / sizeof(Posting));
    return {};
  }

  static constexpr std::size_t kPostingsAtOnce = (std::size_t{1} << 20) / sizeof(Posting);
  std::vector<Posting> buffer_;
  std::size_t at_ = 0;
  int fd_ = -1;
  const fs::path* folder_ = nullptr;
  Status status_;
};

}  // namespace

Status SegmentBuilder::Add(const SampleFunctions& sample) {
  TRY(CheckMeta(sample.meta));
  const auto number = static_cast<std::uint32_t>(samples_.size());
  samples_.push_back(sample.meta);
  groups_.Add(sample.meta);
  std::vector<std::uint64_t> features;
  for (const FunctionSignature& function : sample.functions) {
    if (function.features.empty()) continue;
    features = function.features;
    std::sort(features.begin(), features.end());
    features.erase(std::unique(features.begin(), features.end()), features.end());
    const std::uint64_t digest = Digest(features);
    const auto [at, is_new] = signature_of_.emplace(digest, static_cast<std::uint32_t>(digests_.size()));
    occurrences_.push_back({function.address, at->second, number});
    if (!is_new) continue;
    if (digests_.size() >= kMaxIds - 1)
      return Fail(ErrorCode::kLimitExceeded, "more signatures than a segment of the code index can hold");
    digests_.push_back(digest);
    for (const std::uint64_t key : features) {
      if (postings_.size() >= capacity_) TRY(Spill());
      postings_.push_back({key, at->second});
    }
  }
  return {};
}

Status SegmentBuilder::Spill() {
  std::sort(postings_.begin(), postings_.end());
  std::string name = (scratch_ / "run-XXXXXX").string();
  Descriptor fd(::mkostemp(name.data(), O_CLOEXEC));
  if (fd.get() < 0) return tl::unexpected(SystemError("create a run in", scratch_));
  ::unlink(name.c_str());  // nothing stays behind, however we end
  TRY(WriteAll(fd.get(), reinterpret_cast<const std::uint8_t*>(postings_.data()), postings_.size() * sizeof(Posting),
               name));
  if (::lseek(fd.get(), 0, SEEK_SET) != 0) return tl::unexpected(SystemError("rewind a run in", scratch_));
  runs_.push_back(std::move(fd));
  spilled_ += postings_.size();
  postings_.clear();
  return {};
}

Status SegmentBuilder::WriteFeatures(SegmentWriter& out, const std::vector<std::uint32_t>& starts) {
  std::sort(postings_.begin(), postings_.end());
  std::vector<Run> runs;
  for (const Descriptor& fd : runs_) runs.emplace_back(fd.get(), scratch_);
  runs.emplace_back(std::move(postings_));
  postings_.clear();

  GroupCounter counter(groups_);
  std::vector<std::uint32_t> signatures, holders;
  std::vector<std::uint32_t> seen(samples_.size());  // the number of the last key that each sample was listed for
  std::uint32_t round = 0;
  std::uint64_t key = 0;
  const auto write = [&]() -> Status {
    if (signatures.empty()) return {};
    if (++round == 0) std::fill(seen.begin(), seen.end(), 0u), round = 1;
    holders.clear();
    counter.Begin();
    for (const std::uint32_t signature : signatures) {
      for (std::uint32_t i = starts[signature]; i < starts[signature + 1]; ++i) {
        const std::uint32_t sample = occurrences_[i].sample;
        if (seen[sample] == round) continue;
        seen[sample] = round;
        holders.push_back(sample);
        counter.Count(sample);
      }
    }
    std::sort(holders.begin(), holders.end());
    TRY(out.AddFeature(key, counter.df(), holders, signatures, false));
    signatures.clear();
    return {};
  };
  std::vector<Posting> heads(runs.size());
  const auto advance = [&](std::size_t r) -> Status {
    if (runs[r].Next(heads[r])) return {};
    TRY(runs[r].status());
    runs.erase(runs.begin() + static_cast<std::ptrdiff_t>(r));
    heads.erase(heads.begin() + static_cast<std::ptrdiff_t>(r));
    return {};
  };
  for (std::size_t r = runs.size(); r-- > 0;) TRY(advance(r));
  while (!runs.empty()) {
    const auto least = std::min_element(heads.begin(), heads.end());  // some ten runs: no heap is faster
    if (least->key != key) TRY(write());
    key = least->key;
    signatures.push_back(least->signature);
    TRY(advance(static_cast<std::size_t>(least - heads.begin())));
  }
  return write();
}

Status SegmentBuilder::Write(const fs::path& path) {
  assert(!samples_.empty());
  signature_of_ = {};
  // By signature, then in the order of Add(): by sample; within a sample by address.
  std::sort(occurrences_.begin(), occurrences_.end(), [](const Occurrence& a, const Occurrence& b) {
    return std::tie(a.signature, a.sample, a.address) < std::tie(b.signature, b.sample, b.address);
  });
  std::vector<std::uint32_t> starts(digests_.size() + 1);
  for (const Occurrence& occurrence : occurrences_) ++starts[occurrence.signature + 1];
  for (std::size_t i = 1; i < starts.size(); ++i) starts[i] += starts[i - 1];

  TRY_ASSIGN(auto out, SegmentWriter::Create(path));
  TRY(WriteFeatures(*out, starts));
  std::vector<FunctionPlace> places;
  for (std::size_t signature = 0; signature < digests_.size(); ++signature) {
    const std::uint32_t total = starts[signature + 1] - starts[signature];
    places.clear();
    for (std::uint32_t i = 0; i < std::min<std::size_t>(total, kMaxFunctions); ++i) {
      const Occurrence& occurrence = occurrences_[starts[signature] + i];
      places.push_back({occurrence.sample, occurrence.address});
    }
    TRY(out->AddSignature(digests_[signature], total, places));
  }
  for (const SampleMeta& sample : samples_) TRY(out->AddSample(sample));
  return out->Finish();
}

}  // namespace ascribe::index
