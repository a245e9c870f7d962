#include "fuzz/touch.h"
#include "ingest/attack_stix.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ascribe::ByteView bytes(data, size);
  (void)ascribe::SniffAttackStix(bytes);
  ascribe::Touch(ascribe::ImportAttackStix(bytes));
  return 0;
}
