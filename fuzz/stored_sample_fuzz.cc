// The two digests stop a fuzzer at once; they are made to fit here, so that what lies behind them is reached.

#include <string>

#include "base/sha256.h"
#include "code/stored_sample.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string body(reinterpret_cast<const char*>(data), size);
  (void)ascribe::ParseStoredSample(body);
  std::string whole = "ascribe-code/2\n" + body;
  for (std::size_t cut = 0; cut <= size; cut += size / 8 + 1) {
    std::string head = "ascribe-code/2\n" + body.substr(0, cut);
    head += ascribe::Sha256Hex(head);
    std::string full = head + body.substr(cut);
    full += ascribe::Sha256Hex(full);
    (void)ascribe::ParseStoredSample(full);
  }
  return 0;
}
