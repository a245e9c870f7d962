#pragma once

#include <cstddef>
#include <string_view>

namespace ascribe {

/// One line on stderr that counts items; silent unless stderr is a terminal and --quiet is off. With ASCRIBE_PROGRESS=lines in
/// the environment it is a line "progress <done> <total> <what>" each time, for a program that reads stderr. Not thread-safe.
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
  bool lines_, live_;
};

}  // namespace ascribe
