#include "binary/walk_once.h"

#include <algorithm>

namespace ascribe {

std::vector<Stretch> WalkOnce(const Executable& executable, const std::function<bool(const BinarySection&)>& wanted) {
  std::vector<const BinarySection*> sections;
  for (const BinarySection& s : executable.sections)
    if (!s.bytes.empty() && wanted(s)) sections.push_back(&s);
  std::stable_sort(sections.begin(), sections.end(),
                   [](const BinarySection* a, const BinarySection* b) { return a->offset < b->offset; });
  std::vector<Stretch> out;
  out.reserve(sections.size());
  const BinarySection* first = executable.entry == 0 ? nullptr : executable.SectionAt(executable.entry);
  if (std::find(sections.begin(), sections.end(), first) == sections.end()) first = nullptr;
  const std::uint64_t taken = first == nullptr ? 0 : first->offset;
  const std::uint64_t taken_end = first == nullptr ? 0 : first->offset + first->bytes.size();
  if (first != nullptr) out.push_back({first, 0, first->bytes.size()});
  std::uint64_t done = 0;
  for (const BinarySection* s : sections) {
    if (s == first) continue;
    const std::uint64_t begin = std::max(done, s->offset), end = s->offset + s->bytes.size();
    const auto add = [&](std::uint64_t from, std::uint64_t to) {
      if (from < to) out.push_back({s, from - s->offset, to - s->offset});
    };
    if (taken < end && begin < taken_end) {
      add(begin, taken);
      add(taken_end, end);
    } else {
      add(begin, end);
    }
    done = std::max(done, end);
  }
  return out;
}

}  // namespace ascribe
