#pragma once

#include <cstddef>
#include <string_view>

namespace ascribe {

/// One line on stderr that counts items; silent unless stderr is a terminal and --quiet is off. Not thread-safe.
class Progress {
 public:
  Progress(std::string_view what, std::size_t total, bool quiet);
  ~Progress();  ///< clears the line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void Done(std::size_t items);

 private:
  std::string_view what_;
  std::size_t total_, shown_ = 0;
  bool live_;
};

}  // namespace ascribe
