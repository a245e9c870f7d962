#include "ingest/indicators.h"

#include <cstdint>
#include <cstdlib>

// Hits must lie inside the text, in order, and not overlap.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::size_t end = 0;
  for (const ascribe::IndicatorHit& hit : ascribe::FindIndicators(text).hits) {
    if (hit.length == 0 || hit.offset < end || hit.offset + hit.length > size) std::abort();
    end = hit.offset + hit.length;
  }
  return 0;
}
