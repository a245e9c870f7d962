#include "binary/executable.h"

#include "binary/walk.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto executable = ascribe::ParseExecutable({data, size});
  if (executable) ascribe::Walk(*executable);
  return 0;
}
