#pragma once

#include <simdjson.h>

#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace ascribe {

/// A parsed JSON document (simdjson DOM): validated UTF-8, at most `kMaxJsonDepth` levels, at most 1 GiB.
/// Owns its memory; elements stay valid as long as it lives. Not thread-safe; one per thread.
class JsonDocument {
 public:
  /// Errors: kInvalidInput (syntax, depth, UTF-8), kLimitExceeded (size).
  static Result<JsonDocument> Parse(ByteView bytes);
  [[nodiscard]] simdjson::dom::element root() const { return root_; }

 private:
  JsonDocument() = default;
  std::unique_ptr<simdjson::dom::parser> parser_;
  simdjson::dom::element root_;
};

/// Deeper documents are hostile: the deepest STIX, MISP or ATT&CK file seen has 11 levels.
inline constexpr std::size_t kMaxJsonDepth = 128;
/// simdjson needs some 1.5 times the text on top of it; 1 GiB keeps a case within 4 GiB.
inline constexpr std::size_t kMaxJsonBytes = std::size_t{1} << 30;

/// Member `key` as text, or "" when it is absent or not a string.
[[nodiscard]] std::string_view JsonText(simdjson::dom::element object, std::string_view key);
/// One step of a JSON pointer (RFC 6901), escaped.
[[nodiscard]] std::string JsonPointerStep(std::string_view key);

}  // namespace ascribe
