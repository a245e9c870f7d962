#include "ingest/csv_facts.h"

#include "fuzz/touch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ascribe::ByteView bytes(data, size);
  (void)ascribe::SniffCsvFacts(bytes, "a.csv");
  ascribe::Touch(ascribe::ReadCsvFacts(bytes, "a.csv"));
  return 0;
}
