#include "code/stray_paths.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const ascribe::MetadataItem& item : ascribe::StrayPdbPaths(ascribe::ByteView(data, size)))
    if (item.locator.length == 0 || item.locator.offset + item.locator.length > size) std::abort();
  return 0;
}
