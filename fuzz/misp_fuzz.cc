#include "fuzz/touch.h"
#include "ingest/misp.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ascribe::ByteView bytes(data, size);
  (void)ascribe::SniffMisp(bytes, "");
  ascribe::Touch(ascribe::ReadMisp(bytes, ""));
  return 0;
}
