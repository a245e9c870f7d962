#include "index/segment.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

namespace ascribe::index {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kMagic = "ascrcidx";

// The header, all u64 but where said: magic (8 bytes), u32 version, u32 block size, blocks of the file; first block,
// blocks and records of the three tables; first block and bytes of the lists and of the sparse index.
constexpr std::size_t kTablesAt = 24;
constexpr std::size_t kStreamsAt = kTablesAt + 3 * 24;

}  // namespace

SegmentWriter::SegmentWriter(BlockWriter file, BlockWriter lists)
    : file_(std::move(file)), lists_file_(std::move(lists)), features_(file_), lists_(lists_file_) {}

Result<std::unique_ptr<SegmentWriter>> SegmentWriter::Create(const fs::path& path) {
  TRY_ASSIGN(BlockWriter file, BlockWriter::Create(path));
  TRY_ASSIGN(BlockWriter lists, BlockWriter::Create(path.string() + ".lists"));
  ::unlink(lists.path().c_str());
  TRY(file.Append(Block{}));  // the header comes last
  return std::unique_ptr<SegmentWriter>(new SegmentWriter(std::move(file), std::move(lists)));
}

// Puts list_ into record_, or its place when it is long.
void SegmentWriter::PutList(std::size_t count, Status& status) {
  const bool apart = list_.size() > kMaxInlineBytes;
  PutVarint(record_, count * 2 + (apart ? 1 : 0));
  if (apart) PutVarint(record_, lists_.bytes());
  PutVarint(record_, list_.size());
  if (apart)
    status = lists_.Append(list_);
  else
    record_.insert(record_.end(), list_.begin(), list_.end());
}

Status SegmentWriter::AddFeature(std::uint64_t key, DocumentFrequency df, std::span<const std::uint32_t> holders,
                                 std::span<const std::uint32_t> signatures, bool cut) {
  assert(!holders.empty() && !signatures.empty());
  record_.clear();
  list_.clear();
  PutIds(list_, holders);
  Status status;
  PutList(holders.size(), status);
  TRY(status);
  if (holders.size() > 1) {
    PutVarint(record_, df.families);
    PutVarint(record_, df.packages);
  }
  const std::size_t kept = std::min(signatures.size(), kMaxSignatures);
  PutVarint(record_, kept * 2 + (cut || kept < signatures.size() ? 1 : 0));
  PutIds(record_, signatures.first(kept));
  return features_.Add(key, record_);
}

Status SegmentWriter::AddSignature(std::uint64_t digest, std::uint64_t total,
                                   std::span<const FunctionPlace> functions) {
  assert(!functions.empty());
  if (!signatures_) {
    TRY(features_.Finish());
    signatures_ = std::make_unique<TableWriter>(file_);
  }
  functions = functions.first(std::min(functions.size(), kMaxFunctions));
  record_.resize(8);
  PutLittle(record_.data(), digest, 8);
  PutVarint(record_, total);
  list_.clear();
  PutFunctions(list_, functions);
  Status status;
  PutList(functions.size(), status);
  TRY(status);
  return signatures_->Add(signatures_->place().records, record_);
}

Status SegmentWriter::AddSample(const SampleMeta& meta) {
  if (!samples_) {
    TRY(signatures_ ? signatures_->Finish() : features_.Finish());
    samples_ = std::make_unique<TableWriter>(file_);
  }
  record_.clear();
  PutMeta(record_, meta);
  return samples_->Add(samples_->place().records, record_);
}

// Copies the nameless file behind the tables; each block gets the CRC of its new place.
Status SegmentWriter::AppendLists(StreamPlace& place) {
  TRY(lists_.Finish());
  place = {file_.blocks(), lists_.bytes()};
  if (lists_file_.blocks() == 0) return {};
  TRY(lists_file_.Flush());
  for (std::uint64_t i = 0; i < lists_file_.blocks(); ++i) {
    Block block;
    TRY(lists_file_.ReadBack(i, block));
    TRY(file_.Append(block));
  }
  return {};
}

Status SegmentWriter::Finish() {
  if (!samples_) TRY(signatures_ ? signatures_->Finish() : features_.Finish());
  if (samples_) TRY(samples_->Finish());
  StreamPlace lists;
  TRY(AppendLists(lists));
  const std::array<const TableWriter*, 3> tables = {&features_, signatures_.get(), samples_.get()};
  StreamWriter sparse(file_);
  const std::uint64_t sparse_at = file_.blocks();
  for (const TableWriter* table : tables) {
    if (table == nullptr) continue;
    for (const std::uint64_t key : table->first_keys()) {
      std::array<std::uint8_t, 8> bytes{};
      PutLittle(bytes.data(), key, 8);
      TRY(sparse.Append(bytes));
    }
  }
  TRY(sparse.Finish());

  Block header{};
  std::memcpy(header.data(), kMagic.data(), kMagic.size());
  PutLittle(header.data() + 8, kSegmentVersion, 4);
  PutLittle(header.data() + 12, kBlockBytes, 4);
  PutLittle(header.data() + 16, file_.blocks(), 8);
  std::uint64_t next = 1;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const TablePlace place = tables[i] == nullptr ? TablePlace{next, 0, 0} : tables[i]->place();
    std::uint8_t* at = header.data() + kTablesAt + i * 24;
    PutLittle(at, next, 8);
    PutLittle(at + 8, place.blocks, 8);
    PutLittle(at + 16, place.records, 8);
    assert(place.blocks == 0 || place.first == next);
    next += place.blocks;
  }
  PutLittle(header.data() + kStreamsAt, lists.first, 8);
  PutLittle(header.data() + kStreamsAt + 8, lists.bytes, 8);
  PutLittle(header.data() + kStreamsAt + 16, sparse_at, 8);
  PutLittle(header.data() + kStreamsAt + 24, sparse.bytes(), 8);
  return file_.Finish(header);
}

Result<std::shared_ptr<const Segment>> Segment::Open(const fs::path& path) {
  TRY_ASSIGN(BlockFile file, BlockFile::Open(path));
  std::shared_ptr<Segment> segment(new Segment(std::move(file)));
  TRY(segment->ReadHeader());
  return segment;
}

Status Segment::ReadHeader() {
  Block header;
  TRY(file_.Read(0, 1, header.data()));
  const auto damaged = [&](std::string_view what) { return tl::unexpected(file_.Damage(0, what)); };
  header_crc_ = static_cast<std::uint32_t>(GetLittle(header.data() + kPayloadBytes, 4));
  if (std::memcmp(header.data(), kMagic.data(), kMagic.size()) != 0) return damaged("not a segment of a code index");
  if (GetLittle(header.data() + 8, 4) != kSegmentVersion || GetLittle(header.data() + 12, 4) != kBlockBytes)
    return Fail(ErrorCode::kUnsupported,
                file_.path().string() + ": a segment of another version; make the index again (ascribe kb rebuild)");
  if (GetLittle64(header.data() + 16) != file_.blocks()) return damaged("the file has not the length it states");

  // Sections stand one after the other without gaps, so none can overlap another or leave the file.
  std::array<TablePlace, 3> tables;
  std::uint64_t next = 1;
  std::uint64_t sparse_keys = 0;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const std::uint8_t* at = header.data() + kTablesAt + i * 24;
    tables[i] = {GetLittle64(at), GetLittle64(at + 8), GetLittle64(at + 16)};
    if (tables[i].first != next || tables[i].blocks > file_.blocks() - next) return damaged("a table is misplaced");
    constexpr std::size_t kMostRecords = kPayloadBytes / 3;  // of a block: one takes a byte of key and two of end
    if (tables[i].records < tables[i].blocks || tables[i].records > tables[i].blocks * kMostRecords)
      return damaged("a table states an impossible number of records");
    next += tables[i].blocks;
    sparse_keys += tables[i].blocks;
  }
  if (tables[1].records >= kMaxIds || tables[2].records >= kMaxIds) return damaged("too many signatures or samples");
  StreamPlace sparse;
  for (StreamPlace* place : {&lists_, &sparse}) {
    const std::uint8_t* at = header.data() + kStreamsAt + (place == &lists_ ? 0 : 16);
    *place = {GetLittle64(at), GetLittle64(at + 8)};
    if (place->first != next || place->blocks() > file_.blocks() - next) return damaged("a section is misplaced");
    next += place->blocks();
  }
  if (next != file_.blocks() || sparse.bytes != sparse_keys * 8) return damaged("the sections do not fill the file");

  Buffer bytes;
  TRY(ReadStream(file_, sparse, 0, sparse.bytes, bytes));
  const std::uint8_t* at = bytes.data();
  std::array<TableReader*, 3> readers = {&features_, &signatures_, &samples_};
  for (std::size_t i = 0; i < tables.size(); ++i) {
    std::vector<std::uint64_t> keys(static_cast<std::size_t>(tables[i].blocks));
    for (std::uint64_t& key : keys) key = GetLittle64(at), at += 8;
    if (std::adjacent_find(keys.begin(), keys.end(), std::greater_equal<>()) != keys.end())
      return tl::unexpected(file_.Damage(sparse.first, "the sparse index is not in order"));
    *readers[i] = TableReader(file_, tables[i], std::move(keys));
  }
  return {};
}

Result<Span> Segment::List(const ListPlace& list, Buffer& scratch) const {
  if (!list.apart) return list.bytes;
  TRY(ReadStream(file_, lists_, list.position, list.length, scratch));
  return Span(scratch);
}

void Segment::PrefetchList(const ListPlace& list) const {
  if (list.apart) PrefetchStream(file_, lists_, list.position, list.length);
}

Status Segment::Holders(const ListPlace& list, std::uint32_t base, std::vector<std::uint32_t>& out) const {
  Buffer scratch;
  TRY_ASSIGN(const Span bytes, List(list, scratch));
  if (!GetIds(bytes, list.count, sample_count(), base, out))
    return tl::unexpected(file_.Damage(lists_.first + list.position / kPayloadBytes, "a list of samples is damaged"));
  return {};
}

Status Segment::Functions(const ListPlace& list, std::uint32_t base, std::vector<FunctionPlace>& out) const {
  Buffer scratch;
  TRY_ASSIGN(const Span bytes, List(list, scratch));
  if (!GetFunctions(bytes, list.count, sample_count(), base, out))
    return tl::unexpected(file_.Damage(lists_.first + list.position / kPayloadBytes, "a list of functions is damaged"));
  return {};
}

Status Segment::VerifyBlocks() const {
  constexpr std::size_t kBlocksAtOnce = 64;
  Buffer buffer(kBlocksAtOnce * kBlockBytes);
  for (std::uint64_t at = 0; at < file_.blocks(); at += kBlocksAtOnce) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(kBlocksAtOnce, file_.blocks() - at));
    TRY(file_.Read(at, count, buffer.data()));
  }
  return {};
}

}  // namespace ascribe::index
