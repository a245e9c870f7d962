#include "ingest/statements.h"

#include "fuzz/touch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ascribe::ByteView bytes(data, size);
  (void)ascribe::SniffStatements(bytes, "a.toml");
  ascribe::Touch(ascribe::ReadStatements(bytes, "a.toml"));
  return 0;
}
