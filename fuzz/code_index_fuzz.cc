#include <stdlib.h>

#include "index/open_hostile.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::filesystem::path folder = [] {
    char pattern[] = "/dev/shm/code-index-fuzz-XXXXXX";
    if (::mkdtemp(pattern) == nullptr) std::abort();
    return std::filesystem::path(pattern);
  }();
  ascribe::index::FuzzCodeIndex(folder, {data, size});
  return 0;
}
