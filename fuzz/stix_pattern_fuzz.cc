#include "base/bytes.h"
#include "ingest/stix_observable.h"
#include "ingest/stix_pattern.h"

// Most JSON that a mutator makes is broken: the pattern parser gets a target of its own.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto pattern = ascribe::ParseStixPattern(ascribe::ByteView(data, size).text());
  if (pattern)
    for (const auto& term : pattern->terms) (void)ascribe::ObservableOf(term.object_type, term.path, term.value);
  return 0;
}
