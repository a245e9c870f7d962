#include "base/json_stream.h"

#include <algorithm>
#include <cassert>

namespace ascribe {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 16;

}  // namespace

void JsonStream::Begin(std::string_view key) {
  if (open_.empty()) return;
  buffer_ += open_.back().empty ? "\n" : ",\n";
  open_.back().empty = false;
  buffer_.append(open_.size(), ' ');
  if (open_.back().end == ']') return;
  buffer_ += '"';
  for (const char c : key) {
    if (c == '"' || c == '\\') buffer_ += '\\';
    buffer_ += c;
  }
  buffer_ += "\": ";
}

void JsonStream::Open(std::string_view key, char begin, char end) {
  Begin(key);
  buffer_ += begin;
  open_.push_back({end, true});
}

void JsonStream::Close() {
  assert(!open_.empty());
  const Level level = open_.back();
  open_.pop_back();
  if (!level.empty) {
    buffer_ += '\n';
    buffer_.append(open_.size(), ' ');
  }
  buffer_ += level.end;
  if (open_.empty()) {
    buffer_ += '\n';
    Flush();
  }
}

void JsonStream::Member(std::string_view key, std::string_view dumped) {
  Begin(key);
  // A line feed within a text is escaped: each one that stands here begins a line of the document.
  for (std::size_t at = 0; at < dumped.size();) {
    const std::size_t end = std::min(dumped.find('\n', at), dumped.size() - 1) + 1;
    buffer_ += dumped.substr(at, end - at);
    if (buffer_.back() == '\n') buffer_.append(open_.size(), ' ');
    at = end;
    if (buffer_.size() >= kPiece) Flush();
  }
}

void JsonStream::Flush() {
  sink_(buffer_);
  buffer_.clear();
}

}  // namespace ascribe
