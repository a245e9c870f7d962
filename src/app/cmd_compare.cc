// `ascribe compare A B`: which function of A is which of B, and what differs in it.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "app/commands.h"
#include "app/exit_codes.h"
#include "base/io.h"
#include "base/pool.h"
#include "base/text.h"
#include "code/function_match.h"
#include "code/programs.h"
#include "code/sample_code.h"
#include "code/side_by_side.h"
#include "ingest/reader.h"
#include "report/compare_page.h"

namespace ascribe {
namespace fs = std::filesystem;
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kCandidates = 10;
constexpr std::size_t kMaxPoolLine = std::size_t{64} << 20;

Result<std::unique_ptr<SampleCode>> Load(const fs::path& path) {
  // "a.zip!b.exe" names a member when no file is called so.
  std::string file = path.string(), wanted;
  std::error_code ignored;
  for (std::size_t at = file.find_first_of("!#"); !fs::exists(file, ignored) && at != std::string::npos; at = path.string().find_first_of("!#", at + 1)) {
    if (!fs::is_regular_file(path.string().substr(0, at), ignored)) continue;
    file = path.string().substr(0, at);
    wanted = path.string();
  }
  TRY_ASSIGN(Bytes bytes, ReadFile(file, kMaxEvidenceBytes));
  std::vector<std::string> names;
  Bytes chosen;
  const auto odd = ForEachProgram(file, std::move(bytes), wanted.empty() ? Carried::kNot : Carried::kToo, [&](const std::string& name, Bytes program) -> Status {
    if (!wanted.empty() && name != wanted) return {};
    names.push_back(name);
    chosen = std::move(program);
    return {};
  });
  if (!odd) return FailAt(path.string(), odd.error());
  if (names.empty()) return Fail(ErrorCode::kNotFound, fmt::format("{}: {} holds no such program", path.string(), file));
  if (names.size() > 1)
    return Fail(ErrorCode::kInvalidInput, fmt::format("{} holds {} programs; name one, as \"{}\"", path.string(), names.size(), TerminalSafe(names.front())));
  auto sample = ReadSampleCode(std::move(chosen));
  if (!sample) return FailAt(path.string(), sample.error());
  return sample;
}

std::string Hex(std::uint64_t address) { return fmt::format("{:x}", address); }

ordered_json Line(const std::string& a_file, std::uint64_t a_address, const std::vector<FunctionCandidate>& ranked,
                  const std::function<std::string(std::uint32_t)>& file, const std::function<std::uint64_t(FunctionPlaceIn)>& address) {
  ordered_json candidates = ordered_json::array();
  for (const FunctionCandidate& c : ranked)
    candidates.push_back({{"b_file", file(c.place.program)}, {"b_addr", Hex(address(c.place))}, {"score", c.score}});
  return {{"a_file", a_file}, {"a_addr", Hex(a_address)}, {"candidates", std::move(candidates)}};
}

std::string Dump(const ordered_json& json) { return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n"; }

// Of each function of A the best candidates among B's functions.
std::vector<std::vector<FunctionCandidate>> RankAll(const SampleCode& a, const SampleCode& b, unsigned threads) {
  const Program* const programs[] = {&b.program};
  const FunctionCorpus corpus(programs);
  std::vector<std::vector<FunctionCandidate>> ranked(a.program.functions.size());
  ParallelFor(ranked.size(), threads, [&](std::size_t f) {
    if (!a.program.functions[f].import.empty()) return;
    ranked[f] = corpus.Rank(KeysByView(a.program, f), a.program.functions[f], kCandidates);
  });
  return ranked;
}

// Pairs that choose each other, or whose code is equal, by score: what a person wants to see first.
std::vector<ComparedPair> BestPairs(const SampleCode& a, const SampleCode& b,
                                    const std::vector<std::vector<FunctionCandidate>>& ranked) {
  std::map<std::uint32_t, std::pair<double, std::uint32_t>> best_of_b;
  for (std::uint32_t f = 0; f < ranked.size(); ++f) {
    if (ranked[f].empty()) continue;
    auto [at, fresh] = best_of_b.try_emplace(ranked[f][0].place.function, ranked[f][0].score, f);
    if (!fresh && ranked[f][0].score > at->second.first) at->second = {ranked[f][0].score, f};
  }
  std::vector<ComparedPair> pairs;
  for (const auto& [g, choice] : best_of_b) {
    const CodeFunction& left = a.program.functions[choice.second];
    const CodeFunction& right = b.program.functions[g];
    if (left.instructions < kMinFunction || right.instructions < kMinFunction) continue;
    pairs.push_back({choice.second, g, ranked[choice.second][0]});
  }
  std::stable_sort(pairs.begin(), pairs.end(), [](const ComparedPair& x, const ComparedPair& y) { return x.candidate.score > y.candidate.score; });
  return pairs;
}

int Functions(const CommandLine& line, const SampleCode& a, const SampleCode& b) {
  const auto ranked = RankAll(a, b, line.threads);
  std::string out;
  for (std::size_t f = 0; f < ranked.size(); ++f) {
    if (!a.program.functions[f].import.empty()) continue;
    out += Dump(Line(line.paths[0], a.program.functions[f].address, ranked[f], [&](std::uint32_t) { return line.paths[1]; },
                     [&](FunctionPlaceIn p) { return b.program.functions[p.function].address; }));
  }
  return Print(out) ? kExitDone : kExitFailure;
}

// The scorer's fixed pools: files are named PROJECT/BUILD below the folder given, with or without ".stripped".
class PoolRun {
 public:
  PoolRun(fs::path root, unsigned threads) : root_(std::move(root)), threads_(threads) {}

  Result<std::string> Run(const fs::path& pool) {
    TRY_ASSIGN(const std::string text, ReadTextFile(pool, kMaxPoolLine));
    std::vector<ordered_json> queries;
    std::size_t number = 0;
    for (std::string_view rest = text; !rest.empty();) {
      const std::size_t end = rest.find('\n');
      const std::string_view row = rest.substr(0, end);
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
      ++number;
      if (Trim(row).empty()) continue;
      ordered_json json = ordered_json::parse(row, nullptr, false);
      const bool first = json.is_object() && json.contains("shared");
      if (!json.is_object() || (!first && !(json.contains("a_file") && json.contains("a_addr") && json.contains("pool"))))
        return Fail(ErrorCode::kInvalidInput, fmt::format("{}: line {} is no pool line; make it with score_code.py make-pool", pool.string(), number));
      TRY_ASSIGN(auto places, Places(first ? json["shared"] : json["pool"], number));
      if (first) {
        shared_ = std::move(places);
        continue;
      }
      TRY_ASSIGN(auto asked, Places(ordered_json::array({ordered_json::array({json["a_file"], json["a_addr"]})}), number));
      queries.push_back(json);
      pools_.push_back(std::move(places));
      asked_.push_back(asked.empty() ? std::nullopt : std::optional(asked.front()));
    }
    std::vector<const Program*> programs;
    for (const auto& sample : samples_) programs.push_back(&sample->program);
    const FunctionCorpus corpus(programs);
    std::vector<std::string> out(queries.size());
    ParallelFor(queries.size(), threads_, [&](std::size_t q) {
      std::vector<std::uint32_t> ids;
      for (const auto* list : {&shared_, &pools_[q]})
        for (FunctionPlaceIn place : *list) ids.push_back(corpus.IdOf(place));
      std::vector<FunctionCandidate> ranked;
      std::uint64_t address = 0;
      if (asked_[q]) {
        const Program& program = samples_[asked_[q]->program]->program;
        const CodeFunction& function = program.functions[asked_[q]->function];
        address = function.address;
        // Competitors of the query's own name may stand in the pool and are dropped by the scorer: give more than ten.
        ranked = corpus.Rank(KeysByView(program, asked_[q]->function), function, 4 * kCandidates, &ids, corpus.IdOf(*asked_[q]));
      }
      if (!asked_[q]) return;
      out[q] = Dump(Line(queries[q]["a_file"].get<std::string>(), address, ranked,
                         [&](std::uint32_t p) { return names_[p]; },
                         [&](FunctionPlaceIn p) { return samples_[p.program]->program.functions[p.function].address; }));
    });
    std::string all;
    for (const std::string& row : out) all += row;
    return all;
  }

 private:
  Result<std::uint32_t> Sample(const std::string& name) {
    const auto known = by_name_.find(name);
    if (known != by_name_.end()) return known->second;
    fs::path path = root_ / name;
    std::error_code ignored;
    if (!fs::is_regular_file(path, ignored)) path += ".stripped";
    TRY_ASSIGN(auto sample, Load(path));
    samples_.push_back(std::move(sample));
    names_.push_back(name);
    return by_name_[name] = static_cast<std::uint32_t>(samples_.size() - 1);
  }

  // Functions that were not found are left out: they cannot be candidates.
  Result<std::vector<FunctionPlaceIn>> Places(const ordered_json& list, std::size_t number) {
    std::vector<FunctionPlaceIn> places;
    for (const ordered_json& item : list) {
      if (!item.is_array() || item.size() != 2 || !item[0].is_string() || !(item[1].is_string() || item[1].is_number_unsigned()))
        return Fail(ErrorCode::kInvalidInput, fmt::format("pool line {}: a function is [\"PROJECT/BUILD\", \"hex address\"]", number));
      std::uint64_t address = 0;
      if (item[1].is_string()) {
        const auto parsed = ParseHex(item[1].get<std::string>());
        if (!parsed) return Fail(ErrorCode::kInvalidInput, fmt::format("pool line {}: bad address", number));
        address = *parsed;
      } else {
        address = item[1].get<std::uint64_t>();
      }
      TRY_ASSIGN(const std::uint32_t sample, Sample(item[0].get<std::string>()));
      const std::size_t function = samples_[sample]->program.Find(address);
      if (function != Program::npos) places.push_back({sample, static_cast<std::uint32_t>(function)});
    }
    return places;
  }

  static std::optional<std::uint64_t> ParseHex(std::string_view text) {
    if (text.starts_with("0x")) text.remove_prefix(2);
    if (text.empty() || text.size() > 16) return std::nullopt;
    std::uint64_t value = 0;
    for (char c : text) {
      const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
      if (digit < 0) return std::nullopt;
      value = value << 4 | static_cast<std::uint64_t>(digit);
    }
    return value;
  }

  fs::path root_;
  unsigned threads_;
  std::map<std::string, std::uint32_t> by_name_;
  std::vector<std::string> names_;
  std::vector<std::unique_ptr<SampleCode>> samples_;
  std::vector<FunctionPlaceIn> shared_;
  std::vector<std::vector<FunctionPlaceIn>> pools_;
  std::vector<std::optional<FunctionPlaceIn>> asked_;
};

}  // namespace

int CmdCompare(const CommandLine& line) {
  if (!line.compare.pool.empty()) {
    const auto out = PoolRun(line.paths[0], line.threads).Run(line.compare.pool);
    if (!out) return Report(out.error());
    return Print(*out) ? kExitDone : kExitFailure;
  }
  if (line.paths.size() != 2) return Report({ErrorCode::kInvalidInput, "compare takes two files (or one folder with --pool)"});
  const auto a = Load(line.paths[0]), b = Load(line.paths[1]);
  if (!a) return Report(a.error());
  if (!b) return Report(b.error());
  for (const auto* sample : {&*a, &*b})
    if (!(*sample)->unavailable.empty())
      Talk(fmt::format("ascribe: {}: code evidence unavailable: {}\n", TerminalSafe(sample == &*a ? line.paths[0] : line.paths[1]),
                       TerminalSafe((*sample)->unavailable)));
  if (line.compare.functions) return Functions(line, **a, **b);
  const std::vector<ComparedPair> pairs = BestPairs(**a, **b, RankAll(**a, **b, line.threads));
  const Comparison comparison{line.paths[0], line.paths[1], **a, **b, pairs};
  if (!line.compare.html.empty()) {
    if (const Status written = WriteFileAtomic(line.compare.html, ComparisonPage(comparison)); !written) return Report(written.error());
    Talk("wrote " + TerminalSafe(line.compare.html.string()) + "\n");
    return kExitDone;
  }
  return Print(line.json ? ComparisonJson(comparison) : ComparisonText(comparison)) ? kExitDone : kExitFailure;
}

}  // namespace ascribe
