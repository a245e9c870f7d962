#include "app/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "app/commands.h"

namespace ascribe {

Progress::Progress(std::string_view what, std::size_t total, bool quiet)
    : what_(what), total_(total), live_(!quiet && ::isatty(2) == 1 && std::getenv("NO_PROGRESS") == nullptr) {}

Progress::~Progress() {
  if (live_ && shown_ > 0) Talk("\r\x1b[K");
}

void Progress::Done(std::size_t items) {
  if (!live_ || (items < total_ && items < shown_ + 1 + total_ / 100)) return;  // a hundred updates are enough
  shown_ = items;
  Talk(fmt::format("\r{} {}/{}", what_, items, total_));
  std::fflush(stderr);
}

}  // namespace ascribe
