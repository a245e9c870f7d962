#include "binary/pe_version.h"

#include <algorithm>
#include <optional>

namespace ascribe {
namespace {

void PutUtf8(std::uint32_t c, std::string& out) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | (c >> 12));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (c >> 18));
    out += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

// One record of the structure: a key, a value, records inside it.
struct Node {
  std::uint64_t begin = 0, end = 0, value = 0, value_end = 0, children = 0;
  bool is_text = false;
  std::string key;
};

class VersionReader {
 public:
  VersionReader(ByteView file, std::uint64_t offset, std::uint64_t size) : file_(file), base_(offset), end_(offset + size) {}

  std::vector<PeVersionText> Run() {
    const auto root = Read(base_, end_);
    if (!root || root->key != "VS_VERSION_INFO") return {};
    Each(*root, [&](const Node& info) {
      if (info.key != "StringFileInfo") return;
      Each(info, [&](const Node& table) {
        Each(table, [&](const Node& text) { Keep(text); });
      });
    });
    return std::move(out_);
  }

 private:
  // Fields stand on multiples of four, counted from the beginning of the structure.
  [[nodiscard]] std::uint64_t Aligned(std::uint64_t at) const { return base_ + ((at - base_ + 3) & ~std::uint64_t{3}); }

  // A text up to its NUL; `at` moves behind it.
  std::string Text(std::uint64_t& at, std::uint64_t end, std::uint64_t* length = nullptr) const {
    std::string out;
    const std::uint64_t begin = at;
    std::size_t count = 0;
    std::uint32_t high = 0;
    std::uint64_t last = at;
    while (at + 2 <= end && count++ < kMaxVersionText) {
      const std::uint16_t unit = *file_.U16(at);
      at += 2;
      if (unit == 0) break;
      last = at;
      if (unit >= 0xD800 && unit < 0xDC00) {
        if (high != 0) PutUtf8(0xFFFD, out);
        high = unit;
        continue;
      }
      const bool low = unit >= 0xDC00 && unit < 0xE000;
      if (low && high != 0) {
        PutUtf8(0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00u), out);
      } else {
        if (high != 0 || low) PutUtf8(0xFFFD, out);
        if (!low) PutUtf8(unit, out);
      }
      high = 0;
    }
    if (length != nullptr) *length = last - begin;
    return out;
  }

  [[nodiscard]] std::optional<Node> Read(std::uint64_t at, std::uint64_t limit) const {
    if (at + 8 > limit || !file_.Contains(at, 8)) return std::nullopt;
    Node node;
    const std::uint16_t length = *file_.U16(at), value = *file_.U16(at + 2);
    node.begin = at;
    node.end = std::min<std::uint64_t>(at + length, limit);
    if (length < 8) return std::nullopt;
    node.is_text = *file_.U16(at + 4) == 1;
    std::uint64_t pos = at + 6;
    node.key = Text(pos, node.end);
    node.value = std::min(Aligned(pos), node.end);
    // Texts count characters, structures bytes; linkers disagree about texts, whose end mark decides.
    node.value_end = std::min(node.value + (node.is_text ? 2 : 1) * std::uint64_t{value}, node.end);
    node.children = std::min(Aligned(node.value_end), node.end);
    return node;
  }

  template <typename Fn>
  void Each(const Node& parent, Fn fn) {
    std::uint64_t at = parent.key == "StringFileInfo" || parent.value == parent.value_end ? parent.value : parent.children;
    while (at < parent.end && out_.size() < kMaxVersionTexts) {
      const auto child = Read(at, parent.end);
      if (!child) return;
      fn(*child);
      at = std::max(Aligned(child->end), at + 8);
    }
  }

  void Keep(const Node& node) {
    PeVersionText text;
    text.key = node.key;
    text.offset = node.value;
    std::uint64_t at = node.value;
    text.value = Text(at, node.end, &text.length);
    if (!text.key.empty() && !text.value.empty()) out_.push_back(std::move(text));
  }

  ByteView file_;
  std::uint64_t base_, end_;
  std::vector<PeVersionText> out_;
};

}  // namespace

std::vector<PeVersionText> ReadPeVersion(ByteView file, std::uint64_t offset, std::uint64_t size) {
  if (!file.Contains(offset, size)) return {};
  return VersionReader(file, offset, size).Run();
}

}  // namespace ascribe
