#include "binary/eh_frame.h"

#include <algorithm>

namespace ascribe {
namespace {

constexpr std::uint8_t kOmit = 0xFF, kIndirect = 0x80;
constexpr std::uint32_t kLongLength = 0xFFFF'FFFF;
// Letters that say what a common record holds; compilers write at most six ("zPLRSB").
constexpr std::size_t kMaxAugmentation = 16;
constexpr int kMaxLebBytes = 10;  // 64 bits, 7 a byte

/// Reads one after the other from a view; after a read that would leave it, `ok` is false and all reads give 0.
class Cursor {
 public:
  Cursor(const EndianView& view, std::uint64_t address, std::uint64_t at) : view_(view), address_(address), at_(at) {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::uint64_t at() const { return at_; }
  void Fail() { ok_ = false; }
  void Skip(std::uint64_t bytes) {
    if (bytes > view_.bytes.size() || at_ > view_.bytes.size() - bytes)
      ok_ = false;
    else
      at_ += bytes;
  }
  std::uint8_t U8() { return static_cast<std::uint8_t>(Take(view_.U8(at_), 1)); }
  std::uint16_t U16() { return static_cast<std::uint16_t>(Take(view_.U16(at_), 2)); }
  std::uint32_t U32() { return static_cast<std::uint32_t>(Take(view_.U32(at_), 4)); }
  std::uint64_t U64() { return Take(view_.U64(at_), 8); }
  std::uint64_t Word() { return view_.wide ? U64() : U32(); }
  std::uint64_t Uleb() { return Leb(false); }
  std::uint64_t Sleb() { return Leb(true); }

  /// A number in the format of the low four bits of `encoding` (Linux Standard Base, "DWARF Exception Header
  /// Encoding").
  std::uint64_t Number(std::uint8_t encoding) {
    switch (encoding & 15) {
      case 0x0:
        return Word();
      case 0x1:
        return Uleb();
      case 0x2:
        return U16();
      case 0x3:
        return U32();
      case 0x4:
      case 0xC:
        return U64();
      case 0x9:
        return Sleb();
      case 0xA:
        return static_cast<std::uint64_t>(static_cast<std::int16_t>(U16()));
      case 0xB:
        return static_cast<std::uint64_t>(static_cast<std::int32_t>(U32()));
      default:
        ok_ = false;
        return 0;
    }
  }
  /// An address: the number and what it is relative to.
  std::uint64_t Address(std::uint8_t encoding, std::uint64_t data_base) {
    const std::uint64_t here = address_ + at_;
    std::uint64_t value = Number(encoding);
    switch (encoding & 0x70) {
      case 0x00:
        break;
      case 0x10:
        value += here;
        break;
      case 0x30:
        value += data_base;
        break;
      default:  // relative to what only the running program knows
        ok_ = false;
    }
    if ((encoding & kIndirect) != 0) ok_ = false;
    return view_.Wrap(value);
  }

 private:
  template <typename T>
  std::uint64_t Take(std::optional<T> value, std::uint64_t size) {
    if (!ok_ || !value) {
      ok_ = false;
      return 0;
    }
    at_ += size;
    return *value;
  }
  std::uint64_t Leb(bool is_signed) {
    std::uint64_t value = 0;
    for (int i = 0; i < kMaxLebBytes; ++i) {
      const std::uint8_t byte = U8();
      value |= static_cast<std::uint64_t>(byte & 0x7F) << (7 * i);
      if ((byte & 0x80) != 0) continue;
      if (is_signed && (byte & 0x40) != 0 && 7 * (i + 1) < 64) value |= ~std::uint64_t{0} << (7 * (i + 1));
      return value;
    }
    ok_ = false;
    return 0;
  }

  const EndianView& view_;
  std::uint64_t address_, at_;
  bool ok_ = true;
};

struct Record {
  std::uint64_t id_at = 0, end = 0;  // of the bytes behind the length
};

// The record at `at`; nullopt at the end of the view or for one that leaves it.
std::optional<Record> RecordAt(const EndianView& frames, std::uint64_t at) {
  const auto length = frames.U32(at);
  if (!length) return std::nullopt;
  if (*length != kLongLength) {
    if (!frames.bytes.Contains(at + 4, *length)) return std::nullopt;
    return Record{at + 4, at + 4 + *length};
  }
  const auto long_length = frames.U64(at + 4);
  if (!long_length || !frames.bytes.Contains(at + 12, *long_length)) return std::nullopt;
  return Record{at + 12, at + 12 + *long_length};
}

// How the descriptions of a common record write their addresses; nullopt when that cannot be told.
std::optional<std::uint8_t> AddressEncoding(const EndianView& frames, std::uint64_t address, std::uint64_t record_at) {
  const auto record = RecordAt(frames, record_at);
  if (!record || frames.U32(record->id_at) != 0u) return std::nullopt;
  Cursor cursor(frames, address, record->id_at + 4);
  const std::uint8_t version = cursor.U8();
  const auto letters = TerminatedText(frames.bytes, cursor.at(), kMaxAugmentation);
  if (!letters || (version != 1 && version != 3 && version != 4)) return std::nullopt;
  cursor.Skip(letters->size() + 1);
  if (*letters == "eh") cursor.Word();  // gcc 2
  if (version == 4) cursor.Skip(2);
  cursor.Uleb();  // code alignment
  cursor.Sleb();  // data alignment
  if (version == 1)
    cursor.U8();
  else
    cursor.Uleb();  // return address register
  std::uint8_t encoding = 0;
  if (letters->starts_with('z')) {
    cursor.Uleb();
    for (char letter : letters->substr(1)) {
      if (letter == 'R')
        encoding = cursor.U8();
      else if (letter == 'L')
        cursor.U8();
      else if (letter == 'P')
        cursor.Number(cursor.U8());
      else if (letter != 'S' && letter != 'B' && letter != 'G')
        return std::nullopt;
    }
  }
  if (!cursor.ok() || cursor.at() > record->end) return std::nullopt;
  return encoding;
}

void Add(std::vector<FunctionStart>& starts, std::uint64_t address, std::uint64_t end) {
  // The linker leaves 0 where it dropped the function.
  if (address != 0 && starts.size() < kMaxFunctionStarts) starts.push_back({address, end, FunctionSource::kUnwind});
}

}  // namespace

void ReadEhFrames(const EndianView& frames, std::uint64_t address, bool list, std::vector<FunctionStart>& starts) {
  std::uint64_t common_at = ~std::uint64_t{0};
  std::optional<std::uint8_t> encoding;
  for (std::uint64_t at = 0; starts.size() < kMaxFunctionStarts;) {
    const auto record = RecordAt(frames, at);
    if (!record) return;
    at = record->end;
    const auto id = frames.U32(record->id_at);
    if (record->end - record->id_at < 4 || !id) {
      if (list) return;
      continue;
    }
    if (*id == 0 || *id > record->id_at) continue;  // a common record; or one that points before the section
    if (common_at != record->id_at - *id) {
      common_at = record->id_at - *id;
      encoding = AddressEncoding(frames, address, common_at);
    }
    if (!encoding) continue;
    Cursor cursor(frames, address, record->id_at + 4);
    const std::uint64_t begin = cursor.Address(*encoding, 0), length = cursor.Number(*encoding & 15);
    if (!cursor.ok() || cursor.at() > record->end || length == 0) continue;
    Add(starts, begin, frames.Wrap(begin + length));
  }
}

std::optional<std::uint64_t> ReadEhFrameHeader(const EndianView& header, std::uint64_t address,
                                               std::vector<FunctionStart>& starts) {
  Cursor cursor(header, address, 0);
  const std::uint8_t version = cursor.U8(), frames_encoding = cursor.U8(), count_encoding = cursor.U8(),
                     table_encoding = cursor.U8();
  if (!cursor.ok() || version != 1 || frames_encoding == kOmit) return std::nullopt;
  const std::uint64_t frames = cursor.Address(frames_encoding, address);
  if (!cursor.ok()) return std::nullopt;
  if (count_encoding == kOmit || table_encoding == kOmit) return frames;
  // Every entry takes bytes of the header, so a forged count ends with them.
  const std::uint64_t count = cursor.Address(count_encoding, address);
  for (std::uint64_t i = 0; i < count && starts.size() < kMaxFunctionStarts; ++i) {
    const std::uint64_t begin = cursor.Address(table_encoding, address);
    cursor.Address(table_encoding, address);
    if (!cursor.ok()) break;
    Add(starts, begin, 0);
  }
  return frames;
}

}  // namespace ascribe
