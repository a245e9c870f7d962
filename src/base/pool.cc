#include "base/pool.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

namespace ascribe {

unsigned ThreadCount(unsigned wanted) {
  if (wanted == 0) {
    if (const char* text = std::getenv("ASCRIBE_THREADS"); text != nullptr)
      std::from_chars(text, text + std::strlen(text), wanted);
  }
  if (wanted == 0) wanted = std::thread::hardware_concurrency();
  return std::clamp(wanted, 1u, 256u);
}

void ParallelFor(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& fn) {
  threads = static_cast<unsigned>(std::min<std::size_t>(ThreadCount(threads), count));
  if (threads <= 1) {
    for (std::size_t i = 0; i < count; ++i) fn(i);
    return;
  }
  std::atomic<std::size_t> next{0};
  std::vector<std::jthread> pool;
  pool.reserve(threads);
  for (unsigned t = 0; t < threads; ++t) {
    pool.emplace_back([&] {
      for (std::size_t i = next.fetch_add(1); i < count; i = next.fetch_add(1)) fn(i);
    });
  }
}

}  // namespace ascribe
