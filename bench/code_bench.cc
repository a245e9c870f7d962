// Makes a code base of any size with features of real programs: code_bench LIST REAL FUNCTIONS OWN FOLDER, see
// bench/code_world.h. bench/code_scale.py asks it with the program's own `match`.

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>

#include "code/code_base.h"
#include "code_world.h"
#include "index/index_writer.h"

namespace ascribe::bench {
namespace {
namespace fs = std::filesystem;

double Seconds(std::chrono::steady_clock::time_point since) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - since).count();
}

int Fail(const Error& error) {
  fmt::print(stderr, "{}\n", error.message);
  return 1;
}

int Run(const std::string& list, std::size_t real, std::size_t wanted, std::uint32_t own, const fs::path& folder) {
  const auto begin = std::chrono::steady_clock::now();
  const CodeWorld world(list, real, own);
  if (world.samples() == 0) {
    fmt::print(stderr, "{} names no program\n", list);
    return 1;
  }
  fmt::print("real: {} programs of {} families, {} functions, {} features ({:.0f} a function), {} distinct, {} of them in more than {} families; {:.0f} s\n",
             world.samples(), world.families(), world.functions(), world.features(),
             static_cast<double>(world.features()) / static_cast<double>(world.functions()), world.keys(), world.common(), own, Seconds(begin));
  std::fflush(stdout);
  const fs::path part = CodeBase::PartFolder(folder, CodeBase::Part::kSamples);
  fs::create_directories(part);
  auto writer = index::IndexWriter::Open(part / "index");
  if (!writer) return Fail(writer.error());
  const auto made = std::chrono::steady_clock::now();
  std::size_t functions = 0, features = 0, samples = 0;
  const auto make = [&](std::size_t number) {
    const auto copy = static_cast<std::uint32_t>(number / world.samples());
    StoredSample sample = world.Sample(number % world.samples(), copy);
    // `match` reads the heads of features files only; of copies there is no more than that, or the disk would be full.
    const StoredSample head{sample.meta, sample.sketch, {}};
    // Not WriteStoredSample, which flushes each to the disk: nothing is lost when this is killed.
    std::ofstream(part / (sample.meta.sha256 + ".code"), std::ios::binary) << PrintStoredSample(copy == 0 ? sample : head);
    return sample;
  };
  auto next = std::async(std::launch::async, make, 0);
  for (; functions < wanted; ++samples) {
    const StoredSample sample = next.get();
    next = std::async(std::launch::async, make, samples + 1);
    functions += sample.functions.size();
    for (const auto& f : sample.functions) features += f.features.size();
    if (const auto added = writer->Add({sample.meta, sample.functions}); !added) return Fail(added.error());
  }
  fs::remove(part / (next.get().meta.sha256 + ".code"));
  const double adding = Seconds(made);
  if (const Status status = writer->Commit(); !status) return Fail(status.error());
  fmt::print("code base: {} samples, {} functions, {} features; made in {:.0f} s, committed in {:.0f} s\n", samples, functions, features, adding,
             Seconds(made) - adding);
  return 0;
}

}  // namespace
}  // namespace ascribe::bench

int main(int argc, char** argv) {
  if (argc != 6) {
    fmt::print(stderr, "usage: code_bench LIST REAL_FUNCTIONS FUNCTIONS OWN FOLDER\n");
    return 2;
  }
  return ascribe::bench::Run(argv[1], std::strtoull(argv[2], nullptr, 10), std::strtoull(argv[3], nullptr, 10),
                             static_cast<std::uint32_t>(std::strtoul(argv[4], nullptr, 10)), argv[5]);
}
