#include "ingest/utf16.h"

#include <algorithm>
#include <cstdint>

namespace ascribe {
namespace {

constexpr std::size_t kMark = 2;            // bytes of the byte order mark
constexpr std::size_t kPlaceEvery = 4096;   // a megabyte of places for half a gigabyte of text
constexpr std::size_t kLooksAt = 64 * 1024;
constexpr char32_t kReplacement = 0xFFFD;

struct Character {
  char32_t code = 0;
  std::size_t length = 0;  // bytes of the file
  bool bad = false;
};

bool IsBigEndian(ByteView file) { return file.U8(0) == 0xFE; }

// `at` lies inside.
Character Decode(ByteView bytes, bool big_endian, std::size_t at) {
  const auto unit = [&](std::size_t where) -> char32_t {
    const std::uint8_t* b = bytes.data() + where;
    return big_endian ? static_cast<char32_t>(b[0] << 8 | b[1]) : static_cast<char32_t>(b[1] << 8 | b[0]);
  };
  if (!bytes.Contains(at, 2)) return {kReplacement, 1, true};
  const char32_t first = unit(at);
  if (first < 0xD800 || first > 0xDFFF) return {first, 2, false};
  if (first > 0xDBFF || !bytes.Contains(at, 4)) return {kReplacement, 2, true};
  const char32_t second = unit(at + 2);
  if (second < 0xDC00 || second > 0xDFFF) return {kReplacement, 2, true};
  return {0x10000 + ((first - 0xD800) << 10 | (second - 0xDC00)), 4, false};
}

std::size_t Utf8Length(char32_t code) { return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4; }

void AppendUtf8(std::string& out, char32_t code) {
  const auto put = [&](char32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  switch (Utf8Length(code)) {
    case 1: put(code); break;
    case 2: put(0xC0 | code >> 6), put(0x80 | (code & 0x3F)); break;
    case 3: put(0xE0 | code >> 12), put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F)); break;
    default: put(0xF0 | code >> 18), put(0x80 | (code >> 12 & 0x3F)), put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F));
  }
}

}  // namespace

bool LooksUtf16(ByteView bytes) {
  if (bytes.size() < kMark) return false;
  const bool little = *bytes.U8(0) == 0xFF && *bytes.U8(1) == 0xFE;
  const bool big = *bytes.U8(0) == 0xFE && *bytes.U8(1) == 0xFF;
  if (!little && !big) return false;
  if (little && bytes.U16(kMark) == 0) return false;  // UTF-32, or no text
  const ByteView head(bytes.data(), std::min(bytes.size(), kLooksAt));
  std::size_t units = 0, bad = 0;
  for (std::size_t at = kMark; at + 1 < head.size(); ++units) {
    const Character c = Decode(head, big, at);
    bad += c.bad && at + 2 < head.size() ? 1U : 0U;  // the cut may have halved the last one
    at += c.length;
  }
  return bad * 100 <= units;
}

Utf16Text::Utf16Text(ByteView bytes) : bytes_(bytes.data(), std::min(bytes.size(), kMaxUtf16Bytes)), big_endian_(IsBigEndian(bytes)) {
  text_.reserve(bytes_.size() / 2);
  for (std::size_t at = kMark; at < bytes_.size();) {
    if (places_.empty() || at - places_.back().in >= kPlaceEvery) places_.push_back({at, text_.size()});
    const Character c = Decode(bytes_, big_endian_, at);
    if (c.bad && bad_++ == 0) first_bad_ = at;
    AppendUtf8(text_, c.code);
    at += c.length;
  }
}

Utf16Text::Place Utf16Text::Find(std::size_t at) const {
  const auto after = std::partition_point(places_.begin(), places_.end(), [&](const Place& p) { return p.out <= at; });
  Place place = after == places_.begin() ? Place{std::min(kMark, bytes_.size()), 0} : *(after - 1);
  while (place.in < bytes_.size()) {
    const Character c = Decode(bytes_, big_endian_, place.in);
    if (place.out + Utf8Length(c.code) > at) break;
    place.in += c.length;
    place.out += Utf8Length(c.code);
  }
  return place;
}

std::size_t Utf16Text::End(std::size_t at) const {
  if (at == 0) return Begin(0);
  const Place place = Find(at - 1);
  return place.in >= bytes_.size() ? bytes_.size() : place.in + Decode(bytes_, big_endian_, place.in).length;
}

std::string Utf16Text::Part(ByteView file, ByteView part) {
  std::string out;
  for (std::size_t at = 0; at < part.size();) {
    const Character c = Decode(part, IsBigEndian(file), at);
    AppendUtf8(out, c.code);
    at += c.length;
  }
  return out;
}

}  // namespace ascribe
