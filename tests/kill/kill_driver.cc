// Commits the planned batches from a given one on and writes one byte to standard output after each: the
// acknowledgement. kill_test kills it at any moment.

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "commit_plan.h"
#include "store/ledger.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: kill_driver FOLDER FIRST\n");
    return 2;
  }
  auto ledger = ascribe::Ledger::Open(argv[1], ascribe::Ledger::Mode::kReadWrite);
  if (!ledger) {
    std::fprintf(stderr, "%s\n", ledger.error().message.c_str());
    return 1;
  }
  for (std::size_t i = std::strtoul(argv[2], nullptr, 10); i < ascribe::kPlannedBatches; ++i) {
    // False is fine: committed by the run before, which was killed before it could say so.
    if (const auto committed = ledger->Commit(ascribe::PlannedBatch(i)); !committed) {
      std::fprintf(stderr, "%s\n", committed.error().message.c_str());
      return 1;
    }
    if (::write(STDOUT_FILENO, ".", 1) != 1) return 1;
  }
  return 0;
}
