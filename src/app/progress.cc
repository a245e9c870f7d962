#include "app/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "app/commands.h"

namespace ascribe {
namespace {

bool WantsLines() {
  const char* how = std::getenv("ASCRIBE_PROGRESS");
  return how != nullptr && std::string_view(how) == "lines";
}

}  // namespace

Progress::Progress(std::string_view what, std::size_t total, bool quiet)
    : what_(what), total_(total), lines_(WantsLines()), live_(!quiet && (lines_ || (::isatty(2) == 1 && std::getenv("NO_PROGRESS") == nullptr))) {}

Progress::~Progress() {
  if (live_ && !lines_ && shown_ > 0) Talk("\r\x1b[K");
}

void Progress::Done(std::size_t items) {
  if (!live_ || (items < total_ && items < shown_ + 1 + total_ / 100)) return;  // a hundred updates are enough
  shown_ = items;
  Talk(lines_ ? fmt::format("progress {} {} {}\n", items, total_, what_) : fmt::format("\r{} {}/{}", what_, items, total_));
  std::fflush(stderr);
}

}  // namespace ascribe
