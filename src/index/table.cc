#include "index/table.h"

#include <cassert>

namespace ascribe::index {
namespace {

// A block: u16 count, u8 width, u8 0, u64 first key; `count` differences to the first key of `width` bytes each;
// `count` u16 ends of the records; the records.
constexpr std::size_t kHeadBytes = 12;
constexpr std::string_view kWrongCount = "the table has not the number of records it states";

unsigned WidthOf(std::uint64_t span) {
  unsigned width = 1;
  while (width < 8 && (span >> (8 * width)) != 0) ++width;
  return width;
}

}  // namespace

Status TableWriter::Add(std::uint64_t key, Span record) {
  assert(record.size() <= kMaxRecordBytes);
  assert(keys_.empty() || key > keys_.back());
  if (!keys_.empty()) {
    const std::size_t columns = (keys_.size() + 1) * (WidthOf(key - keys_.front()) + 2);
    if (kHeadBytes + columns + data_.size() + record.size() > kPayloadBytes) TRY(Finish());
  }
  keys_.push_back(key);
  data_.insert(data_.end(), record.begin(), record.end());
  ends_.push_back(static_cast<std::uint16_t>(data_.size()));
  ++place_.records;
  return {};
}

Status TableWriter::Finish() {
  if (keys_.empty()) return {};
  const unsigned width = WidthOf(keys_.back() - keys_.front());
  Block block{};
  PutLittle(block.data(), keys_.size(), 2);
  block[2] = static_cast<std::uint8_t>(width);
  PutLittle(block.data() + 4, keys_.front(), 8);
  std::uint8_t* at = block.data() + kHeadBytes;
  for (const std::uint64_t key : keys_) PutLittle(at, key - keys_.front(), width), at += width;
  for (const std::uint16_t end : ends_) PutLittle(at, end, 2), at += 2;
  std::copy(data_.begin(), data_.end(), at);
  TRY(file_->Append(block));
  first_keys_.push_back(keys_.front());
  ++place_.blocks;
  keys_.clear();
  ends_.clear();
  data_.clear();
  return {};
}

bool TableBlock::Parse(const std::uint8_t* block) {
  count_ = static_cast<std::size_t>(GetLittle(block, 2));
  width_ = block[2];
  if (count_ == 0 || width_ == 0 || width_ > 8) return false;
  const std::size_t before_data = kHeadBytes + count_ * (width_ + 2);
  if (before_data > kPayloadBytes) return false;
  mask_ = width_ == 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * width_)) - 1;
  first_key_ = GetLittle64(block + 4);
  keys_ = block + kHeadBytes;
  ends_ = keys_ + count_ * width_;
  data_ = block + before_data;
  data_bytes_ = kPayloadBytes - before_data;
  return true;
}

Span TableBlock::record(std::size_t i) const {
  const auto begin = static_cast<std::size_t>(i == 0 ? 0 : GetLittle(ends_ + 2 * (i - 1), 2));
  const auto end = static_cast<std::size_t>(GetLittle(ends_ + 2 * i, 2));
  if (begin > end || end > data_bytes_) return {};  // an empty record is damaged for every decoder
  return {data_ + begin, end - begin};
}

std::size_t TableBlock::LowerBound(std::uint64_t wanted, std::size_t from) const {
  std::size_t length = count_ - from;
  while (length > 0) {
    const std::size_t half = length / 2;
    if (key(from + half) < wanted) {
      from += half + 1;
      length -= half + 1;
    } else {
      length = half;
    }
  }
  return from;
}

std::vector<TableReader::Need> TableReader::Needs(std::span<const std::uint64_t> keys) const {
  std::vector<Need> needs;
  auto from = first_keys_.begin();
  for (std::size_t i = 0; i < keys.size(); ++i) {
    assert(i == 0 || keys[i - 1] <= keys[i]);
    from = std::upper_bound(from, first_keys_.end(), keys[i]);
    if (from == first_keys_.begin()) continue;  // before the first key of the table
    --from;
    const auto block = static_cast<std::uint64_t>(from - first_keys_.begin());
    if (needs.empty() || needs.back().block != block) needs.push_back({block, i, i});
    needs.back().end = i + 1;
  }
  return needs;
}

void TableReader::Announce(const std::vector<Need>& needs, std::size_t from) const {
  const std::size_t end = std::min(needs.size(), (from / kWindow + 1) * kWindow);
  if (end - from < 2) return;  // nothing to overlap
  for (std::size_t i = from; i < end;) {
    std::size_t j = i + 1;
    while (j < end && needs[j].block == needs[j - 1].block + 1) ++j;
    file_->Prefetch(place_.first + needs[i].block, j - i);
    i = j;
  }
}

Result<bool> TableCursor::Next() {
  if (at_ == block_.size()) {
    const TablePlace& place = table_->place();
    if (next_block_ == place.blocks) {
      if (seen_ != place.records) return tl::unexpected(table_->Damage(0, kWrongCount));
      return false;
    }
    const std::size_t slot = next_block_ % kBlocksAtOnce;
    if (slot == 0) {
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(kBlocksAtOnce, place.blocks - next_block_));
      TRY(table_->file_->Read(place.first + next_block_, count, buffer_.data()));
      if (next_block_ + kBlocksAtOnce < place.blocks)
        table_->file_->Prefetch(place.first + next_block_ + kBlocksAtOnce, kBlocksAtOnce);
    }
    if (!block_.Parse(buffer_.data() + slot * kBlockBytes) || block_.key(0) != table_->first_keys_[next_block_])
      return tl::unexpected(table_->Damage(next_block_, "not a table block, or not the one that the index names"));
    ++next_block_;
    at_ = 0;
  }
  const std::uint64_t key = block_.key(at_);
  if (seen_ != 0 && key <= key_) return tl::unexpected(table_->Damage(block(), "keys are not in order"));
  if (seen_ == table_->place().records) return tl::unexpected(table_->Damage(block(), kWrongCount));
  key_ = key;
  ++at_;
  ++seen_;
  return true;
}

}  // namespace ascribe::index
