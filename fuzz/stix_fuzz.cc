#include "fuzz/touch.h"
#include "ingest/stix.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ascribe::ByteView bytes(data, size);
  (void)ascribe::SniffStix(bytes, "");
  ascribe::Touch(ascribe::ReadStix(bytes, ""));
  return 0;
}
