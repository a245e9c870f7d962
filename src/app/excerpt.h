#pragma once

#include <memory>
#include <string>

#include "base/bytes.h"
#include "model/locator.h"

namespace ascribe {

/// The bytes a locator points at, as at most 300 bytes of terminal-safe text: the line, the byte range, the JSON value, the
/// TOML line. "(not found)" when the locator leads nowhere, which means the bytes are not those that were read.
[[nodiscard]] std::string ExcerptAt(ByteView bytes, const Locator& locator);

/// ExcerptAt for many places of one file: JSON is parsed once. `bytes` must outlive it. Not thread-safe.
class Excerpter {
 public:
  explicit Excerpter(ByteView bytes);
  ~Excerpter();
  Excerpter(const Excerpter&) = delete;
  Excerpter& operator=(const Excerpter&) = delete;
  [[nodiscard]] std::string At(const Locator& locator);

 private:
  struct Parsed;
  ByteView bytes_;
  std::unique_ptr<Parsed> json_;  ///< null: not asked yet
};

}  // namespace ascribe
