#include "ingest/overrides_file.h"

#include "base/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = ascribe::ParseOverrides(ascribe::ByteView(data, size).text());
  std::size_t sum = 0;
  if (file)
    for (const ascribe::Override& o : file->overrides) sum += o.reason.size() + o.hypothesis.size();
  return sum == static_cast<std::size_t>(-1);
}
