#include "disasm/literals.h"

#include <algorithm>

#include "base/hash64.h"
#include "binary/endian_view.h"

namespace ascribe {
namespace {

bool AllTheSame(ByteView bytes) {
  return std::all_of(bytes.data(), bytes.data() + bytes.size(), [&](std::uint8_t b) { return b == bytes.data()[0]; });
}

// Four offsets, each relative to the table itself and into code: a compiler's switch, different in every build.
bool IsJumpTable(const Executable& e, std::uint64_t address, ByteView bytes) {
  if (bytes.size() < 16) return false;
  const EndianView view{bytes, e.big_endian, e.is_64};
  for (std::size_t i = 0; i < 4; ++i) {
    const std::uint64_t target = address + static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::int32_t>(*view.U32(4 * i))));
    const BinarySection* section = e.SectionAt(target);
    if (section == nullptr || !section->executable) return false;
  }
  return true;
}

// The texts behind a table of pointers; `pointers` counts all that point into the image.
std::vector<std::string> Follow(const Executable& e, ByteView bytes, std::size_t& pointers) {
  std::vector<std::string> texts;
  const EndianView view{bytes, e.big_endian, e.is_64};
  pointers = 0;
  for (std::size_t i = 0; i < kMaxTablePointers; ++i) {
    const auto value = view.Word(view.word_size() * i);
    if (!value || *value < 0x10000 || e.SectionAt(*value) == nullptr) break;
    ++pointers;
    std::size_t used = 0;
    std::string text = TextAt(e.At(*value), used);
    if (!text.empty()) texts.push_back(std::move(text));
  }
  return texts;
}

}  // namespace

bool IsTextByte(std::uint8_t c) { return (c >= 0x20 && c < 0x7F) || c == '\t' || c == '\n' || c == '\r'; }

bool BetweenZeros(ByteView bytes, std::size_t at, std::size_t size) {
  return at > 0 && bytes.U8(at - 1) == 0 && bytes.U8(at + size) == 0;
}

std::string TextAt(ByteView bytes, std::size_t& used) {
  used = 0;
  std::string text;
  const std::size_t limit = std::min(bytes.size(), kMaxText);
  std::size_t n = 0;
  while (n < limit && IsTextByte(bytes.data()[n])) ++n;
  if (n >= kMinText && (n == limit || bytes.data()[n] == 0)) {
    used = n;
    return std::string(bytes.text().substr(0, n));
  }
  for (n = 0; n + 1 < limit && IsTextByte(bytes.data()[n]) && bytes.data()[n + 1] == 0; n += 2)
    text += static_cast<char>(bytes.data()[n]);
  if (text.size() < kMinText || (n + 1 < limit && (bytes.data()[n] != 0 || bytes.data()[n + 1] != 0))) return {};
  used = n;
  return text;
}

Literal ReadLiteral(const Executable& e, std::uint64_t address, std::uint64_t next) {
  Literal literal;
  const BinarySection* section = e.SectionAt(address);
  if (section == nullptr) return literal;
  ByteView bytes = e.At(address);
  if (bytes.empty()) return literal;
  std::size_t used = 0;
  if (section->executable) {
    if (address == section->address) return literal;
    std::string text = TextAt(bytes, used);
    const ByteView before = *section->bytes.Slice(0, address - section->address + bytes.size());
    if (text.empty() || !BetweenZeros(before, static_cast<std::size_t>(address - section->address), used)) return literal;
    literal.text = std::move(text);
    literal.kind = Literal::Kind::kText;
    literal.bytes = *bytes.Slice(0, used);
    return literal;
  }
  literal.text = TextAt(bytes, used);
  if (!literal.text.empty()) {
    literal.kind = Literal::Kind::kText;
    literal.bytes = *bytes.Slice(0, used);
    return literal;
  }
  std::size_t size = std::min(bytes.size(), kMaxTable);
  if (next > address) size = static_cast<std::size_t>(std::min<std::uint64_t>(size, next - address));
  bytes = *bytes.Slice(0, size);
  std::size_t pointers = 0;
  literal.texts = Follow(e, bytes, pointers);
  if (pointers > 0) {  // addresses differ from build to build
    literal.kind = Literal::Kind::kPointers;
    return literal;
  }
  if (size < 4 || AllTheSame(bytes) || IsJumpTable(e, address, bytes)) return literal;
  literal.kind = Literal::Kind::kTable;
  literal.bytes = bytes;
  return literal;
}

EncodedForms FormsUnderKeys(ByteView bytes) {
  EncodedForms forms;
  const std::size_t n = std::min(bytes.size(), kEncodedBytes);
  if (n < kMinEncoded || AllTheSame(*bytes.Slice(0, n))) return forms;
  std::uint64_t by_xor = 0x58, by_add = 0x41;
  for (std::size_t i = 1; i < n; ++i) {
    const unsigned a = bytes.data()[i - 1], b = bytes.data()[i];
    by_xor = Mix(by_xor, a ^ b);
    by_add = Mix(by_add, (b - a) & 0xFF);
  }
  forms.under_xor = by_xor;
  forms.under_add = by_add;
  return forms;
}

std::vector<std::uint64_t> TableWindows(ByteView bytes) {
  constexpr std::size_t kWindow = 8, kGroup = 8, kStep = 2;
  std::vector<std::uint64_t> hashes, chosen;
  if (bytes.size() < 2 * kWindow) return chosen;
  for (std::size_t i = 0; i + kWindow <= bytes.size(); i += kStep) {
    const ByteView window = *bytes.Slice(i, kWindow);
    hashes.push_back(AllTheSame(window) ? ~std::uint64_t{0} : HashBytes(window.text(), 0x7AB1E));
  }
  const std::size_t group = std::min(kGroup, hashes.size());
  for (std::size_t i = 0; i + group <= hashes.size(); ++i) {
    const std::uint64_t least = *std::min_element(hashes.begin() + static_cast<std::ptrdiff_t>(i),
                                                  hashes.begin() + static_cast<std::ptrdiff_t>(i + group));
    if (least != ~std::uint64_t{0} && (chosen.empty() || chosen.back() != least)) chosen.push_back(least);
  }
  std::sort(chosen.begin(), chosen.end());
  chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
  return chosen;
}

}  // namespace ascribe
