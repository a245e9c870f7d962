// Figures of docs/bench-index.md. bench/index.sh runs all; each step is a process of its own, so that its peak memory
// is its own.

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <string>

#include "block_reference.h"
#include "index/index_reader.h"
#include "index/index_writer.h"
#include "index_world.h"

namespace ascribe::bench {
namespace {
namespace fs = std::filesystem;

struct Times {
  double wall = 0, cpu = 0;
};

Times Measure(const std::function<void()>& work) {
  const auto cpu_now = [] {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) {
      return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
  };
  const double cpu = cpu_now();
  const auto begin = std::chrono::steady_clock::now();
  work();
  return {std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(), cpu_now() - cpu};
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

template <typename T>
T Must(Result<T> result) {
  if (result) return std::move(*result);
  fmt::print(stderr, "{}\n", result.error().message);
  std::exit(1);
}
void Must(const Status& status) {
  if (status) return;
  fmt::print(stderr, "{}\n", status.error().message);
  std::exit(1);
}

double PeakMib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

double FolderMib(const fs::path& folder) {
  double bytes = 0;
  for (const auto& entry : fs::directory_iterator(folder)) bytes += static_cast<double>(entry.file_size());
  return bytes / (1 << 20);
}

// Which of the two was used goes into the table.
std::string DropCaches(const std::function<void()>& advise) {
  ::sync();
  advise();
  std::ofstream all("/proc/sys/vm/drop_caches");
  all << "3" << std::flush;
  return all.good() ? "drop_caches" : "POSIX_FADV_DONTNEED";
}

// One segment through the builder; reading runs that are sorted already and writing is the second figure.
void Build(const World& world, const fs::path& folder) {
  fs::create_directories(folder);
  index::SegmentBuilder builder(folder);
  const Times add = Measure([&] {
    for (std::uint32_t s = 0; s < world.samples(); ++s) Must(builder.Add(world.Sample(s)));
  });
  const double postings = static_cast<double>(builder.posting_count());
  const Times write = Measure([&] { Must(builder.Write(folder / "bench.seg")); });
  const double bytes = static_cast<double>(fs::file_size(folder / "bench.seg"));
  fs::remove(folder / "bench.seg");
  fmt::print(
      "build: {:.1f} M postings, {:.2f} B/posting; samples to sorted runs {:.1f} s wall {:.1f} s CPU; sorted runs to "
      "segment {:.1f} s wall {:.1f} s CPU = {:.2f} M postings/CPU s; peak {:.0f} MiB (with the generator)\n",
      postings / 1e6, bytes / postings, add.wall, add.cpu, write.wall, write.cpu, postings / 1e6 / write.cpu,
      PeakMib());
}

void Reference(const World& world, const std::string& path) {
  std::vector<std::pair<std::uint64_t, std::uint32_t>> postings;
  postings.reserve(std::size_t{world.functions()} * World::kBands);
  for (std::uint32_t f = 0; f < world.functions(); ++f)
    for (unsigned band = 0; band < World::kBands; ++band) postings.emplace_back(world.Key(f, band), f);
  const Times sort = Measure([&] { std::sort(postings.begin(), postings.end()); });
  std::size_t keys = 0, once = 0, largest = 0;
  for (std::size_t i = 0; i < postings.size();) {
    std::size_t j = i;
    while (j < postings.size() && postings[j].first == postings[i].first) ++j;
    ++keys, once += j - i == 1, largest = std::max(largest, j - i);
    i = j;
  }
  const Times write = Measure([&] { BlockReference::Write(path, postings); });
  fmt::print(
      "bare block file: {:.1f} M postings, {:.2f} M keys, {:.2f} M once, largest {}; sort {:.1f} s CPU; write {:.1f} s "
      "wall "
      "{:.1f} s CPU = {:.2f} M postings/CPU s; {:.2f} B/posting\n",
      static_cast<double>(postings.size()) / 1e6, static_cast<double>(keys) / 1e6, static_cast<double>(once) / 1e6,
      largest, sort.cpu, write.wall, write.cpu, static_cast<double>(postings.size()) / 1e6 / write.cpu,
      static_cast<double>(fs::file_size(path)) / static_cast<double>(postings.size()));
}

// Commits shares of the samples, "1" or "1:1:1:1" or "64:16:4:1", without merging.
void Commit(const World& world, const fs::path& folder, const std::string& shares) {
  std::vector<double> parts;
  for (std::size_t at = 0; at != std::string::npos;) {
    parts.push_back(std::atof(shares.c_str() + at));
    at = shares.find(':', at);
    if (at != std::string::npos) ++at;
  }
  double total = 0, done = 0;
  for (const double part : parts) total += part;
  auto writer = Must(index::IndexWriter::Open(folder));
  std::uint32_t s = 0;
  const Times times = Measure([&] {
    for (const double part : parts) {
      done += part;
      for (; s < static_cast<std::uint32_t>(world.samples() * done / total + 0.5); ++s)
        Must(writer.Add(world.Sample(s)));
      Must(writer.Commit());
    }
  });
  fmt::print("commit {}: {:.1f} s wall {:.1f} s CPU, {:.0f} MiB on disk, peak {:.0f} MiB\n", shares, times.wall,
             times.cpu, FolderMib(folder), PeakMib());
}

void Merge(const fs::path& folder) {
  auto writer = Must(index::IndexWriter::Open(folder));
  const Times times = Measure([&] { Must(writer.Merge(true)); });
  fmt::print("merge all: {:.1f} s wall {:.1f} s CPU, peak {:.0f} MiB\n", times.wall, times.cpu, PeakMib());
}

struct Found {
  std::size_t hits = 0, postings = 0;
  std::uint32_t sum = 0;
};

void PrintLookup(const std::string& name, const std::function<Found()>& ask, const std::function<void()>& advise) {
  std::vector<double> wall, cpu, cold, cold_cpu;
  Found found;
  std::string how;
  for (int i = 0; i < 5; ++i) {
    how = DropCaches(advise);
    const Times times = Measure([&] { found = ask(); });
    cold.push_back(times.wall);
    cold_cpu.push_back(times.cpu);
  }
  for (int i = 0; i < 21; ++i) {
    const Times times = Measure([&] { found = ask(); });
    wall.push_back(times.wall * 1e3);
    cpu.push_back(times.cpu * 1e3);
  }
  fmt::print(
      "{}: {} hits, {} postings, xor {:08x}; warm {:.1f} ms wall {:.1f} ms CPU; cold ({}) {:.3f} s wall "
      "({:.3f}-{:.3f}), {:.3f} "
      "s CPU; peak {:.0f} MiB\n",
      name, found.hits, found.postings, found.sum, Median(wall), Median(cpu), how, Median(cold),
      *std::min_element(cold.begin(), cold.end()), *std::max_element(cold.begin(), cold.end()), Median(cold_cpu),
      PeakMib());
}

void LookupIndex(const World& world, const fs::path& folder, unsigned threads) {
  const auto keys = world.Batch(1, false);
  const auto reader = Must(index::IndexReader::Open(folder));
  PrintLookup(
      fmt::format("lookup, {} segments, {} threads", reader.segment_count(), threads),
      [&] {
        const auto hits = Must(reader.LookupSignatures(keys, threads));
        Found found{hits.entries.size(), hits.signatures.size(), 0};
        for (const std::uint32_t id : hits.signatures) found.sum ^= id;
        return found;
      },
      [&] {
        for (std::size_t s = 0; s < reader.segment_count(); ++s) reader.segment(s).file().DropFromCache();
      });
}

void LookupReference(const World& world, const std::string& path) {
  const auto keys = world.Batch(1, false);
  BlockReference reference(path);
  for (const bool prefetch : {true, false}) {
    PrintLookup(
        prefetch ? "bare block file, madvise" : "bare block file, plain mmap",
        [&] {
          Found found;
          std::vector<std::uint32_t> ids;
          reference.Lookup(keys, prefetch, found.hits, ids);
          found.postings = ids.size();
          for (const std::uint32_t id : ids) found.sum ^= id;
          return found;
        },
        [&] { reference.DropFromCache(); });
  }
}

// A sample of 1,000 functions against everything, its own family left out, as a match does: the index is opened, too.
void Query(const World& world, const fs::path& folder, const std::string& name, const index::WeightFunction& weight, unsigned threads) {
  std::vector<double> cold, cold_open, warm;
  index::QueryAnswer answer;
  std::string how;
  for (std::uint64_t seed = 1; seed <= 7; ++seed) {
    const auto keys = world.Batch(seed, true);
    const auto sample = static_cast<std::uint32_t>(World::Mix(seed) % world.samples());
    const std::string family = world.Sample(sample).meta.family;
    {
      const auto reader = Must(index::IndexReader::Open(folder));
      how = DropCaches([&] {
        for (std::size_t s = 0; s < reader.segment_count(); ++s) reader.segment(s).file().DropFromCache();
      });
    }
    std::optional<index::IndexReader> reader;
    std::optional<index::Scope> scope;
    const Times open = Measure([&] { reader.emplace(Must(index::IndexReader::Open(folder))); });
    const auto ask = [&] {
      scope = reader->MakeScope([&](const index::SampleMeta& m) { return family.empty() || m.family != family; });
      answer = Must(reader->Query(Must(reader->Find(keys, threads)), {200, &*scope, weight}));
    };
    const Times first = Measure(ask);
    cold_open.push_back(open.wall);
    cold.push_back(open.wall + first.wall);
    warm.push_back(Measure(ask).wall);
  }
  fmt::print(
      "query, {}, {} threads, 1,000 functions against {} samples, {} functions, cold ({}): {:.3f} s median, {:.3f} s worst, of "
      "that "
      "{:.3f} s to "
      "open; warm {:.3f} s; peak {:.0f} MiB; last: {} of {} keys found, {} unread, at most {:.2g} votes, first {:.3g} "
      "votes\n",
      name, threads, world.samples(), world.functions(), how, Median(cold), *std::max_element(cold.begin(), cold.end()),
      Median(cold_open), Median(warm), PeakMib(), answer.found, answer.keys, answer.unread, answer.at_most,
      answer.candidates.empty() ? 0.0 : answer.candidates[0].votes);
}

}  // namespace
}  // namespace ascribe::bench

int main(int argc, char** argv) {
  using namespace ascribe::bench;
  if (argc < 4) {
    fmt::print(stderr,
               "usage: index_bench build|reference|commit|merge|lookup|lookup-reference|query|query-slow PATH "
               "FUNCTIONS [SHARES|THREADS]\n");
    return 2;
  }
  const std::string what = argv[1], path = argv[2];
  const World world(static_cast<std::uint32_t>(std::atol(argv[3])));
  const unsigned threads = argc > 4 && what != "commit" ? static_cast<unsigned>(std::atoi(argv[4])) : 1;
  if (what == "build") Build(world, path);
  if (what == "reference") Reference(world, path);
  if (what == "commit") Commit(world, path, argc > 4 ? argv[4] : "1");
  if (what == "merge") Merge(path);
  if (what == "lookup") LookupIndex(world, path, threads);
  if (what == "lookup-reference") LookupReference(world, path);
  if (what == "query") Query(world, path, "halving weight", ascribe::index::HalvingWeight, threads);
  // Falls slowly and spares no goodware: long lists matter.
  if (what == "query-slow")
    Query(world, path, "weight 1 / (families + packages)",
          [](std::uint64_t, ascribe::index::DocumentFrequency df) { return 1.0 / (df.families + df.packages); }, threads);
  return 0;
}
