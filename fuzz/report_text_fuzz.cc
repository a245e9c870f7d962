#include "ingest/report_text.h"

#include <cstdlib>

#include "ingest/reading_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ascribe::ByteView bytes(data, size);
  (void)ascribe::SniffReportText(bytes, "a.txt");
  const ascribe::Reading reading = ascribe::ReadReportText(bytes, "a.txt");
  for (const ascribe::Fact& fact : reading.facts)
    if (fact.locator.offset + fact.locator.length > size) std::abort();
  (void)ascribe::ReadingToNdjson(reading);
  return 0;
}
