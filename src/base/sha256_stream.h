#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace ascribe {

/// SHA-256 of a text that comes in pieces; the same as Sha256Hex of the whole.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(const Sha256Stream&) = delete;
  Sha256Stream& operator=(const Sha256Stream&) = delete;
  void Add(std::string_view piece);
  /// 64 lower-case hex digits. Once, after the last piece.
  [[nodiscard]] std::string Hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ascribe
