#pragma once

#include <cstddef>
#include <functional>

namespace ascribe {

/// Runs fn(0) .. fn(count - 1) on `threads` threads (0: one per core) and returns when all are done. Items must be
/// independent; results belong into slots by index, so that the outcome does not depend on the number of threads.
/// fn must not throw. No nesting.
void ParallelFor(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& fn);

/// Threads to use: `wanted`, or ASCRIBE_THREADS, or the number of cores; at least 1, at most 256.
[[nodiscard]] unsigned ThreadCount(unsigned wanted);

}  // namespace ascribe
