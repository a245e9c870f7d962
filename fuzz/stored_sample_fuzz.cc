// The two digests stop a fuzzer at once; they are made to fit here, so that what lies behind them is reached. The first two bytes say
// how long the head is.

#include <algorithm>
#include <string>

#include "base/sha256.h"
#include "code/stored_sample.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string body(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::size_t cut = std::min(body.size(), std::size_t{data[0]} | std::size_t{data[1]} << 8);
  (void)ascribe::ParseStoredSample(body);
  std::string head = "ascribe-code/2\n" + body.substr(0, cut);
  head += ascribe::Sha256Hex(head);
  std::string full = head + body.substr(cut);
  full += ascribe::Sha256Hex(full);
  const auto sample = ascribe::ParseStoredSample(full);
  if (sample && ascribe::PrintStoredSample(*sample) != full) __builtin_trap();
  return 0;
}
