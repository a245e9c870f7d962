#include "ingest/ndjson_facts.h"

#include "fuzz/touch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ascribe::ByteView bytes(data, size);
  (void)ascribe::SniffNdjsonFacts(bytes, "a.ndjson");
  ascribe::Touch(ascribe::ReadNdjsonFacts(bytes, "a.ndjson"));
  return 0;
}
