#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "model/knowledge_import.h"
#include "model/reading.h"

namespace ascribe {

/// Uses every fact and diagnostic the way the rest of the program does, so that a dangling view shows.
inline void Touch(const Reading& reading) {
  std::size_t sum = 0;
  for (const Fact& fact : reading.facts) sum += fact.Id().size() + fact.locator.ToString().size();
  for (const Diagnostic& diagnostic : reading.diagnostics)
    sum += diagnostic.text.size() + diagnostic.locator.ToString().size();
  volatile std::size_t keep = sum;
  (void)keep;
}
inline void Touch(const Result<KnowledgeImport>& import) {
  if (import) Touch(Reading{import->facts, import->diagnostics});
}

}  // namespace ascribe
