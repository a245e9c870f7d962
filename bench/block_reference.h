#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

namespace ascribe::bench {

/// The bare block file of the design note, as a yardstick on the same machine in the same minutes: 4 KiB blocks of
/// key (8 bytes), kept and all (4 each), ids (5 each), at most 256 ids a key, first key of each block in memory, mmap,
/// madvise of all blocks of a batch. No CRC, no check, no samples, no df: what those cost is the difference.
class BlockReference {
 public:
  static constexpr std::size_t kBlock = 4096, kCap = 256;

  /// Sorted (key, id).
  static void Write(const std::string& path, const std::vector<std::pair<std::uint64_t, std::uint32_t>>& postings) {
    FILE* out = std::fopen(path.c_str(), "wb");
    std::vector<std::uint64_t> firsts;
    std::vector<unsigned char> block;
    const auto flush = [&] {
      block.resize(kBlock, 0xff);
      std::fwrite(block.data(), 1, kBlock, out);
      block.clear();
    };
    for (std::size_t i = 0; i < postings.size();) {
      std::size_t j = i;
      while (j < postings.size() && postings[j].first == postings[i].first) ++j;
      const std::size_t kept = std::min(j - i, kCap), bytes = 16 + kept * 5;
      if (block.size() + bytes > kBlock) flush();
      if (block.empty()) firsts.push_back(postings[i].first);
      const std::size_t at = block.size();
      block.resize(at + bytes);
      const std::uint32_t n = static_cast<std::uint32_t>(kept), all = static_cast<std::uint32_t>(j - i);
      std::memcpy(&block[at], &postings[i].first, 8);
      std::memcpy(&block[at + 8], &n, 4);
      std::memcpy(&block[at + 12], &all, 4);
      for (std::size_t k = 0; k < kept; ++k) std::memcpy(&block[at + 16 + k * 5], &postings[i + k].second, 4);
      i = j;
    }
    flush();
    const std::uint64_t blocks = firsts.size();
    std::fwrite(firsts.data(), 8, firsts.size(), out);
    std::fwrite(&blocks, 8, 1, out);
    std::fflush(out);
    ::fsync(::fileno(out));
    std::fclose(out);
  }

  explicit BlockReference(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY)) {
    struct stat info {};
    ::fstat(fd_, &info);
    size_ = static_cast<std::size_t>(info.st_size);
    map_ = static_cast<unsigned char*>(::mmap(nullptr, size_, PROT_READ, MAP_SHARED, fd_, 0));
    std::uint64_t blocks = 0;
    std::memcpy(&blocks, map_ + size_ - 8, 8);
    firsts_.resize(blocks);
    std::memcpy(firsts_.data(), map_ + blocks * kBlock, blocks * 8);
    ::madvise(map_, size_, MADV_RANDOM);
  }
  ~BlockReference() {
    ::munmap(map_, size_);
    ::close(fd_);
  }
  [[nodiscard]] std::size_t size() const { return size_; }
  void DropFromCache() {
    ::madvise(map_, size_, MADV_DONTNEED);
    ::posix_fadvise(fd_, 0, 0, POSIX_FADV_DONTNEED);
  }

  void Lookup(const std::vector<std::uint64_t>& keys, bool prefetch, std::size_t& hits,
              std::vector<std::uint32_t>& ids) const {
    std::vector<std::size_t> at(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const auto up = std::upper_bound(firsts_.begin(), firsts_.end(), keys[i]);
      at[i] = up == firsts_.begin() ? 0 : static_cast<std::size_t>(up - firsts_.begin() - 1);
      if (prefetch && (i == 0 || at[i] != at[i - 1])) ::madvise(map_ + at[i] * kBlock, kBlock, MADV_WILLNEED);
    }
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const unsigned char* block = map_ + at[i] * kBlock;
      for (std::size_t p = 0; p + 16 <= kBlock;) {
        std::uint64_t key = 0;
        std::uint32_t n = 0;
        std::memcpy(&key, block + p, 8);
        std::memcpy(&n, block + p + 8, 4);
        if (key > keys[i]) break;
        if (key == keys[i]) {
          ++hits;
          for (std::uint32_t k = 0; k < n; ++k) {
            std::uint32_t id = 0;
            std::memcpy(&id, block + p + 16 + k * 5, 4);
            ids.push_back(id);
          }
          break;
        }
        p += 16 + std::size_t{n} * 5;
      }
    }
  }

 private:
  int fd_;
  std::size_t size_ = 0;
  unsigned char* map_ = nullptr;
  std::vector<std::uint64_t> firsts_;
};

}  // namespace ascribe::bench
