#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "index/block_file.h"

namespace ascribe::index {

/// The longest record of a table: longer lists stand in the list section, so that a block holds several records.
inline constexpr std::size_t kMaxRecordBytes = 2048;

/// Where a table stands in its file.
struct TablePlace {
  std::uint64_t first = 0;  ///< block
  std::uint64_t blocks = 0;
  std::uint64_t records = 0;
};

/// A record table: 64-bit keys, strictly ascending, each with some bytes. Every block stands for itself.
class TableWriter {
 public:
  explicit TableWriter(BlockWriter& file) : file_(&file), place_{file.blocks(), 0, 0} {}
  /// `key` is above the one before, the record within kMaxRecordBytes.
  [[nodiscard]] Status Add(std::uint64_t key, Span record);
  [[nodiscard]] Status Finish();
  [[nodiscard]] const TablePlace& place() const { return place_; }
  /// The first key of every block: the sparse index.
  [[nodiscard]] const std::vector<std::uint64_t>& first_keys() const { return first_keys_; }

 private:
  BlockWriter* file_;
  TablePlace place_;
  std::vector<std::uint64_t> first_keys_;
  std::vector<std::uint64_t> keys_;  // of the block in the making
  std::vector<std::uint16_t> ends_;
  Buffer data_;
};

/// One block of a table, checked so far that no access can leave it.
class TableBlock {
 public:
  /// False when the block's own numbers do not fit it. `block` must stay alive.
  [[nodiscard]] bool Parse(const std::uint8_t* block);
  [[nodiscard]] std::size_t size() const { return count_; }
  /// Reads eight bytes and masks: what follows the last key (two bytes of ends a key, the CRC) keeps that in the block.
  [[nodiscard]] std::uint64_t key(std::size_t i) const {
    return first_key_ + (GetLittle64(keys_ + i * width_) & mask_);
  }
  [[nodiscard]] Span record(std::size_t i) const;
  /// The first index from `from` on whose key is not below `wanted`.
  [[nodiscard]] std::size_t LowerBound(std::uint64_t wanted, std::size_t from) const;

 private:
  std::uint64_t first_key_ = 0;
  unsigned width_ = 1;
  std::uint64_t mask_ = 0xff;
  std::size_t count_ = 0;
  const std::uint8_t* keys_ = nullptr;
  const std::uint8_t* ends_ = nullptr;
  const std::uint8_t* data_ = nullptr;
  std::size_t data_bytes_ = 0;
};

/// Reads a table. Thread-safe; `file` must outlive it.
class TableReader {
 public:
  TableReader() = default;
  TableReader(const BlockFile& file, TablePlace place, std::vector<std::uint64_t> first_keys)
      : file_(&file), place_(place), first_keys_(std::move(first_keys)) {}

  [[nodiscard]] const TablePlace& place() const { return place_; }
  [[nodiscard]] const std::vector<std::uint64_t>& first_keys() const { return first_keys_; }

  /// Looks up a whole batch (`keys` ascending, repeats are answered each): reads each block it needs once, in file order.
  /// From the first on that is not in the page cache, all are announced before they are read. Calls
  /// found(index into keys, record) -> bool for every key that is there; false means "damaged record".
  template <typename Found>
  [[nodiscard]] Status Sweep(std::span<const std::uint64_t> keys, Found&& found) const {
    const std::vector<Need> needs = Needs(keys);
    Buffer buffer(kBlocksAtOnce * kBlockBytes);
    TableBlock block;
    bool cached = true;  // so far; announcing costs as much as reading what is there
    for (std::size_t n = 0; n < needs.size();) {
      if (n % kWindow == 0 && !cached) Announce(needs, n);
      std::size_t run = 1;  // neighbours are read together; a run ends where the next window begins
      while (run < kBlocksAtOnce && (n + run) % kWindow != 0 && n + run < needs.size() &&
             needs[n + run].block == needs[n].block + run)
        ++run;
      if (cached) {
        TRY_ASSIGN(cached, file_->ReadCached(place_.first + needs[n].block, run, buffer.data()));
        if (!cached) Announce(needs, n);
      }
      if (!cached) TRY(file_->Read(place_.first + needs[n].block, run, buffer.data()));
      for (std::size_t r = 0; r < run; ++r, ++n) {
        const std::uint64_t number = place_.first + needs[n].block;
        if (!block.Parse(buffer.data() + r * kBlockBytes))
          return tl::unexpected(file_->Damage(number, "not a table block"));
        std::size_t at = 0;
        for (std::size_t i = needs[n].begin; i < needs[n].end; ++i) {
          at = block.LowerBound(keys[i], at);
          if (at == block.size()) break;
          if (block.key(at) == keys[i] && !found(i, block.record(at)))
            return tl::unexpected(file_->Damage(number, "a record is damaged"));
        }
      }
    }
    return {};
  }

  /// All records in order: visit(key, record, block number) -> bool; false means "damaged record". Also checks what
  /// a look-up takes for granted: ascending keys, the sparse index, the number of records.
  template <typename Visit>
  [[nodiscard]] Status ForEach(Visit&& visit) const;

  [[nodiscard]] Error Damage(std::uint64_t block, std::string_view what) const {
    return file_->Damage(place_.first + block, what);
  }

 private:
  friend class TableCursor;
  static constexpr std::size_t kBlocksAtOnce = 32;
  static constexpr std::size_t kWindow = 16'384;  // blocks announced at once: 64 MiB of page cache
  struct Need {
    std::uint64_t block;
    std::size_t begin, end;  // of the keys
  };
  [[nodiscard]] std::vector<Need> Needs(std::span<const std::uint64_t> keys) const;
  /// Up to the end of the window in which `from` is.
  void Announce(const std::vector<Need>& needs, std::size_t from) const;

  const BlockFile* file_ = nullptr;
  TablePlace place_;
  std::vector<std::uint64_t> first_keys_;
};

/// Walks through a table in order, reading 64 blocks at once. Not thread-safe; the reader must outlive it.
class TableCursor {
 public:
  explicit TableCursor(const TableReader& table) : table_(&table), buffer_(kBlocksAtOnce * kBlockBytes) {}
  TableCursor(TableCursor&&) = default;  // block_ points into the heap of buffer_, which moves along
  /// Moves to the next record; false at the end. Errors: kCorrupt, also for keys out of order, a sparse index that does
  /// not match and a wrong number of records.
  [[nodiscard]] Result<bool> Next();
  [[nodiscard]] std::uint64_t key() const { return key_; }
  [[nodiscard]] Span record() const { return block_.record(at_ - 1); }
  /// The current block, relative to the table.
  [[nodiscard]] std::uint64_t block() const { return next_block_ - 1; }

 private:
  static constexpr std::size_t kBlocksAtOnce = 64;
  const TableReader* table_;
  Buffer buffer_;
  TableBlock block_;
  std::uint64_t next_block_ = 0;
  std::size_t at_ = 0;
  std::uint64_t key_ = 0;
  std::uint64_t seen_ = 0;
};

template <typename Visit>
Status TableReader::ForEach(Visit&& visit) const {
  TableCursor cursor(*this);
  for (;;) {
    TRY_ASSIGN(const bool more, cursor.Next());
    if (!more) return {};
    if (!visit(cursor.key(), cursor.record())) return tl::unexpected(Damage(cursor.block(), "a record is damaged"));
  }
}

}  // namespace ascribe::index
