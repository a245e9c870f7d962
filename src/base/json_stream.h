#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/text_sink.h"

namespace ascribe {

/// Writes a JSON document whose long lists are never held whole, with the bytes that nlohmann::json::dump(1) gives for the
/// same document: one space of indentation a level, each member and element on a line of its own.
class JsonStream {
 public:
  explicit JsonStream(const TextSink& sink) : sink_(sink) {}
  /// Begins the document, an element of the open array, or (with `key`) a member of the open object. `key` is ASCII
  /// without control characters.
  void OpenObject(std::string_view key = {}) { Open(key, '{', '}'); }
  void OpenArray(std::string_view key = {}) { Open(key, '[', ']'); }
  /// Ends the object or array that was opened last; the document ends with a line feed.
  void Close();
  /// A member or an element: a value written by dump(1), as if it stood alone.
  void Member(std::string_view key, std::string_view dumped);
  void Element(std::string_view dumped) { Member({}, dumped); }

 private:
  struct Level {
    char end;
    bool empty;
  };
  void Open(std::string_view key, char begin, char end);
  void Begin(std::string_view key);
  void Flush();

  const TextSink& sink_;
  std::vector<Level> open_;
  std::string buffer_;
};

}  // namespace ascribe
