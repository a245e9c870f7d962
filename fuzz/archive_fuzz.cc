// Archives and embedded programs: a walk keeps its limits, whatever the bytes, and finds the same twice. To be run with
// -malloc_limit_mb=8192: LZMA may name a dictionary of 4 GiB, which liblzma reserves and does not touch.

#include <cstdlib>
#include <string>

#include "base/sha256.h"
#include "container/members.h"

namespace {

constexpr std::uint64_t kBytes = std::uint64_t{4} << 20;
constexpr std::size_t kMembers = 200;

std::string Walk(ascribe::ByteView file) {
  ascribe::MemberLimits limits;
  limits.bytes = kBytes;
  limits.members = kMembers;
  std::string found;
  std::size_t members = 0;
  const auto notes = ascribe::VisitMembers(
      file, ascribe::Sha256Hex(file), ascribe::CommonPasswords(),
      [&](const ascribe::Member& m) {
        const std::uint64_t most = m.carved && m.carved->key == 0 ? kBytes + file.size() : kBytes;
        if (++members > kMembers || m.bytes.size() > most) std::abort();
        if (m.sha256 != ascribe::Sha256Hex(m.bytes)) std::abort();
        if (m.chain.size() > limits.depth * (ascribe::kMaxMemberName + 64)) std::abort();
        found += m.chain + ' ' + m.parent + ' ' + m.sha256 + '\n';
        return true;
      },
      limits);
  for (const auto& n : notes) found += n.container + ' ' + n.note.code + ' ' + n.note.text + '\n';
  return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ascribe::ByteView file(data, size);
  if (Walk(file) != Walk(file)) std::abort();
  return 0;
}
