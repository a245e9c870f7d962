#include "ingest/report_text.h"

#include <algorithm>
#include <cstdlib>

#include "ingest/reader.h"
#include "ingest/reading_json.h"

// As an investigation reads it: with a byte order mark, the text is UTF-16 and is decoded first.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ascribe::ByteView bytes(data, size);
  (void)ascribe::SniffReportText(bytes, "a.txt");
  const auto& readers = ascribe::Readers();
  const auto reader = std::find_if(readers.begin(), readers.end(), [](const ascribe::Reader& r) { return r.name == "report-text"; });
  const ascribe::Reading reading = ascribe::ReadWith(*reader, bytes, "a.txt");
  for (const ascribe::Fact& fact : reading.facts)
    if (fact.locator.offset + fact.locator.length > size) std::abort();
  (void)ascribe::ReadingToNdjson(reading);
  return 0;
}
