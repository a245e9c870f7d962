#include "fuzz/touch.h"
#include "ingest/misp_galaxy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ascribe::ByteView bytes(data, size);
  (void)ascribe::SniffMispGalaxy(bytes);
  ascribe::Touch(ascribe::ImportMispGalaxy(bytes));
  return 0;
}
