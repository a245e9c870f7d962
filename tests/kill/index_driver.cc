// Adds made-up samples to a code index from a given one on, commits each, writes one byte to standard output after it
// (the acknowledgement), then merges. index_kill_test kills it at any moment.

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "index/index_writer.h"
#include "index_plan.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: index_driver FOLDER FIRST\n");
    return 2;
  }
  const auto fail = [](const ascribe::Error& error) {
    std::fprintf(stderr, "%s\n", error.message.c_str());
    return 1;
  };
  auto writer = ascribe::index::IndexWriter::Open(argv[1], ascribe::kPostingsInMemory);
  if (!writer) return fail(writer.error());
  for (std::size_t i = std::strtoul(argv[2], nullptr, 10); i < ascribe::kPlannedCommits; ++i) {
    for (const auto& sample : ascribe::PlannedSamples(i)) {
      // False is fine: committed by the run before, which was killed before it could say so.
      if (const auto added = writer->Add(sample); !added) return fail(added.error());
    }
    if (const auto status = writer->Commit(); !status) return fail(status.error());
    if (::write(STDOUT_FILENO, ".", 1) != 1) return 1;
    if (const auto status = writer->Merge(); !status) return fail(status.error());
  }
  return 0;
}
