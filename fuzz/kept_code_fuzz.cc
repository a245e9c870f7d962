// The digest stops a fuzzer at once, and so does deflate; both are made to fit here, so that the records are reached too.

#include <libdeflate.h>

#include <memory>
#include <string>

#include "base/sha256.h"
#include "code/kept_code.h"
#include "code/linked_code.h"

namespace {

void Try(const std::string& body) {
  const auto code = ascribe::ParseKeptCode(body + ascribe::Sha256Hex(body));
  if (!code) return;
  if (ascribe::PrintKeptCode(*code).empty()) __builtin_trap();
  // What is read is decoded and compared with itself.
  const ascribe::Executable view = code->View();
  ascribe::CodeComparison comparison;
  for (std::size_t i = 0; i < code->functions.size() && i < ascribe::kShownFunctions; ++i) {
    comparison.functions.emplace_back();
    comparison.functions.back().a = {code->functions[i].address, 0, code->functions[i].size, 0};
    comparison.functions.back().b = comparison.functions.back().a;
  }
  ascribe::ShowCode(view, view, [&](std::uint64_t address) { return code->SizeAt(address); }, comparison);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  (void)ascribe::ParseKeptCode(bytes);
  const std::string head = "ascribe-kept/1\n" + std::string(64, 'a');
  Try(head + bytes);
  std::string length;
  for (int i = 0; i < 4; ++i) length += static_cast<char>(size >> (8 * i));
  const std::unique_ptr<libdeflate_compressor, void (*)(libdeflate_compressor*)> packer(libdeflate_alloc_compressor(1), libdeflate_free_compressor);
  std::string packed(libdeflate_deflate_compress_bound(packer.get(), size), '\0');
  packed.resize(libdeflate_deflate_compress(packer.get(), data, size, packed.data(), packed.size()));
  Try(head + length + packed);
  return 0;
}
