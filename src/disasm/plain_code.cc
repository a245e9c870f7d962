#include "disasm/plain_code.h"

#include <fmt/format.h>

#include <algorithm>

#include "binary/walk_once.h"
#include "disasm/decoder.h"

namespace ascribe {

std::string WhyNotPlain(const Executable& executable) {
  if (!Decoder::IsX86(executable.architecture)) return {};
  Decoder decoder(executable);
  std::size_t left = kPlainBytes, seen = 0, calls = 0, inside = 0;
  for (const Stretch& s : WalkOnce(executable, [](const BinarySection& section) { return section.executable; })) {
    const std::uint64_t end = s.begin + std::min<std::uint64_t>(s.end - s.begin, left);
    left -= end - s.begin;
    seen += end - s.begin;
    for (std::uint64_t at = s.begin; at < end;) {
      Instruction in;
      const auto bytes = s.section->bytes.Slice(at, std::min<std::uint64_t>(end - at, 16));
      if (!bytes || !decoder.DecodeFlow(*bytes, s.section->address + at, in)) {
        ++at;
        continue;
      }
      at += in.length;
      if (in.flow != Flow::kCall || in.target == 0) continue;
      ++calls;
      const BinarySection* section = executable.SectionAt(in.target);
      inside += section != nullptr && section->executable;
    }
  }
  const bool lost = calls >= kPlainCalls && static_cast<double>(inside) < kPlainShare * static_cast<double>(calls);
  const bool silent = seen >= kPlainLeast && inside * kPlainStep < seen;
  if (!lost && !silent) return {};
  return fmt::format("its code seems encrypted: {} of {} direct calls in {} bytes lead into code", inside, calls, seen);
}

}  // namespace ascribe
