#include "fuzz/touch.h"
#include "ingest/misp_warninglist.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ascribe::ByteView bytes(data, size);
  (void)ascribe::SniffMispWarninglist(bytes);
  ascribe::Touch(ascribe::ImportMispWarninglist(bytes));
  return 0;
}
