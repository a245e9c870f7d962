#include "ingest/report_html.h"

#include <cstdlib>

#include "ingest/reading_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ascribe::ByteView bytes(data, size);
  (void)ascribe::SniffReportHtml(bytes, "a.html");
  const ascribe::Reading reading = ascribe::ReadReportHtml(bytes, "a.html");
  for (const ascribe::Fact& fact : reading.facts)
    if (fact.locator.offset + fact.locator.length > size) std::abort();
  (void)ascribe::ReadingToNdjson(reading);
  return 0;
}
