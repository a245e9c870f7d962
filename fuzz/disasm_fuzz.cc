// Machine code of any kind: the first byte chooses the machine, the rest is code and, from its middle on, data as well.

#include "disasm/any_code.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 65536) return 0;
  return ascribe::ReadAnyCode({data, size}) == static_cast<std::size_t>(-1);
}
