// `ascribe match FILES`: which known samples share code with them. Nothing is ingested.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "app/code_folder.h"
#include "app/commands.h"
#include "app/exit_codes.h"
#include "base/io.h"
#include "base/text.h"
#include "code/programs.h"
#include "code/tiers.h"
#include "ingest/reader.h"

namespace ascribe {
namespace {

using nlohmann::ordered_json;

// Per query the samples that count: "QUERY-SHA256 SHA256 SHA256 …", a line each.
using IndexList = std::map<std::string, std::set<std::string>, std::less<>>;
constexpr std::uint64_t kMaxIndexList = std::uint64_t{1} << 30;

Result<IndexList> ReadIndexList(const std::filesystem::path& path) {
  IndexList list;
  TRY_ASSIGN(const std::string text, ReadTextFile(path, kMaxIndexList));
  std::size_t number = 0;
  for (std::string_view row : Split(text, '\n')) {
    ++number;
    if (Trim(row).empty()) continue;
    std::set<std::string>* of = nullptr;
    for (std::string_view word : Split(Trim(row), ' ')) {
      if (word.empty()) continue;
      if (word.size() != 64 || word.find_first_not_of("0123456789abcdef") != std::string_view::npos)
        return Fail(ErrorCode::kInvalidInput, fmt::format("{}: line {}: \"{}\" is no SHA-256 in lower case", path.string(), number, word.substr(0, 70)));
      if (of == nullptr)
        of = &list[std::string(word)];
      else
        of->insert(std::string(word));
    }
  }
  return list;
}

ordered_json PointerJson(const TierPointer& p) {
  ordered_json items = ordered_json::array();
  for (const MetadataItem& item : p.items) items.push_back(item.what);
  ordered_json json = {{"tier", std::string(Name(p.tier))},
                       {"family", p.family},
                       {"actor", p.actor},
                       {"sha256", p.sha256},
                       {"strength", p.strength},
                       {"hard", p.hard}};
  if (p.tier == Tier::kTexts && items.empty()) {
    json["only"] = p.only;
    json["used_there"] = p.use.there;
    json["used_here"] = p.use.here;
    json["in_place"] = p.use.in_place;
  }
  if (!items.empty()) json["items"] = std::move(items);
  return json;
}

std::string Json(const std::string& path, const SampleCode& sample, const FileMatch& match, const TierComparison& tiers) {
  ordered_json matches = ordered_json::array();
  for (const SampleMatch& m : match.matches) {
    ordered_json channels = ordered_json::object(), only = ordered_json::object();
    for (std::size_t c = 0; c < kCodeChannels; ++c) {
      const std::string name(Name(static_cast<CodeChannel>(c)));
      if (m.channels[c] > 0) channels[name] = m.channels[c];
      if (m.only[c] > 0) only[name] = m.only[c];
    }
    matches.push_back({{"sha256", m.meta.sha256},
                       {"actor", m.meta.actor},
                       {"family", m.meta.family},
                       {"version", m.meta.version},
                       {"score", m.score},
                       {"lr", m.lr},
                       {"hard", m.hard},
                       {"channels", std::move(channels)},
                       {"only", std::move(only)},
                       {"kind", m.same_tool ? "same tool" : "shared code"}});
  }
  ordered_json pointers = ordered_json::array(), foreign = ordered_json::array();
  for (const auto& p : tiers.top)
    if (p) pointers.push_back(PointerJson(*p));
  for (const TierPointer& p : tiers.foreign) foreign.push_back(PointerJson(p));
  const ordered_json line = {{"file", SanitizeUtf8(path)},
                             {"sha256", sample.sha256},
                             {"packed", !sample.unavailable.empty()},
                             {"unavailable", sample.unavailable},
                             {"functions", match.functions},
                             {"goodware_functions", match.folded},
                             {"matches", std::move(matches)},
                             {"tiers", std::move(pointers)},
                             {"foreign", std::move(foreign)},
                             {"p_unknown", match.p_unknown}};
  return line.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

std::string Text(const std::string& path, const SampleCode& sample, const FileMatch& match, const TierComparison& tiers) {
  std::string out = fmt::format("{}  sha256 {}\n", TerminalSafe(path), sample.sha256);
  if (!sample.unavailable.empty()) return out + "  code evidence unavailable: " + TerminalSafe(sample.unavailable) + "\n";
  out += fmt::format("  {} functions, {} of them known from goodware and left out; chance that none of the known families is it: {:.0f} %\n",
                     match.functions, match.folded, 100 * match.p_unknown);
  for (const SampleMatch& m : match.matches) {
    out += fmt::format("  {:.3f}  x{:<6.3g} {:<11} {:<24} {:<12} {:<16} {}\n", m.score, m.lr, m.same_tool ? "same tool" : "shared code",
                       TerminalSafe(Ellipsize(m.meta.family.empty() ? "(no family)" : m.meta.family, 24)),
                       TerminalSafe(Ellipsize(m.meta.version, 12)), TerminalSafe(Ellipsize(m.meta.actor, 16)), m.meta.sha256.substr(0, 16));
  }
  if (match.matches.empty()) out += "  no known sample shares a feature with it\n";
  for (const TierPointer& p : tiers.foreign) {
    std::string items;
    for (const MetadataItem& item : p.items) items += (items.empty() ? " (" : ", ") + item.what;
    const std::string use = Words(p.use);
    out += fmt::format("  {}{} {} {}, whose numbers and code it has not (likeness {:.2f}{}): forged, or made with the same kit\n", Name(p.tier),
                       items.empty() ? "" : items + ")", p.items.empty() ? "are those of" : "is that of", TerminalSafe(Ellipsize(p.family, 40)), p.hard,
                       use.empty() ? "" : "; " + use);
  }
  return out;
}

// Readers of the answer are promised the best N: known samples that share nothing stand behind those that share something.
void FillUp(const CodeBase& base, const std::string& asked, const MatchOptions& options, std::size_t top, FileMatch& match) {
  const index::IndexReader* samples = base.part(CodeBase::Part::kSamples);
  if (samples == nullptr || match.matches.size() >= top) return;
  std::set<std::uint32_t> there;
  for (const SampleMatch& m : match.matches) there.insert(m.sample);
  std::vector<SampleMatch> others;
  for (std::uint32_t id = 0; id < samples->samples().size(); ++id) {
    const index::SampleMeta& meta = samples->samples()[id];
    if (there.count(id) > 0 || meta.sha256 == asked || (options.counts && !options.counts(meta))) continue;
    others.push_back({id, meta, 0, kLeastRatioOfMatch, 0, {}, {}, false});
  }
  const std::size_t count = std::min(top - match.matches.size(), others.size());
  std::partial_sort(others.begin(), others.begin() + static_cast<std::ptrdiff_t>(count), others.end(),
                    [](const SampleMatch& a, const SampleMatch& b) { return a.meta.sha256 < b.meta.sha256; });
  match.matches.insert(match.matches.end(), others.begin(), others.begin() + static_cast<std::ptrdiff_t>(count));
}

Result<std::string> MatchOne(const CommandLine& line, const CodeBase& base, const IndexList& list, const std::string& path, Bytes bytes) {
  auto code = ReadSampleCode(std::move(bytes));
  if (!code) return FailAt(path, code.error());
  const SampleCode& sample = **code;
  MatchOptions options;
  options.top = std::max(kMatchCandidates, static_cast<std::size_t>(line.match.top));  // tiers may point at any of them
  options.goodware = !line.match.no_goodware;
  options.threads = line.threads;
  const auto counts = list.find(sample.sha256);
  if (!line.match.index_list.empty())
    options.counts = [&](const index::SampleMeta& meta) { return counts != list.end() && counts->second.count(meta.sha256) > 0; };
  FileMatch match;
  TierComparison tiers;
  if (sample.unavailable.empty()) {
    TRY_ASSIGN(match, MatchSample(base, sample, options));
    TRY_ASSIGN(tiers, CompareTiers(base, sample, match, MetadataOf(sample), options));
    match.matches.resize(std::min(match.matches.size(), static_cast<std::size_t>(line.match.top)));
    if (line.json) FillUp(base, sample.sha256, options, static_cast<std::size_t>(line.match.top), match);
  }
  if (const std::string skipped = SkippedTables(sample); !skipped.empty())
    Talk(fmt::format("ascribe: {}: {}\n", TerminalSafe(path), skipped));
  return line.json ? Json(path, sample, match, tiers) : Text(path, sample, match, tiers);
}

}  // namespace

int CmdMatch(const CommandLine& line) {
  const auto folder = CodeFolder(line.kb);
  if (!folder) return Report(folder.error());
  const auto base = CodeBase::Open(*folder);
  if (!base) return Report(base.error());
  if (base->part(CodeBase::Part::kSamples) == nullptr)
    Talk("ascribe: the knowledge base holds no samples yet; add some: ascribe kb add --label family=NAME FILES\n");
  IndexList list;
  if (!line.match.index_list.empty()) {
    auto read = ReadIndexList(line.match.index_list);
    if (!read) return Report(read.error());
    list = std::move(*read);
  }
  int exit_code = kExitDone;
  for (const std::string& path : line.paths) {
    auto bytes = ReadFile(path, kMaxEvidenceBytes);
    if (!bytes) {
      exit_code = Report(bytes.error());
      continue;
    }
    bool printed = true;
    // A list names the programs that are asked about: what they carry is none of them.
    const Carried carried = line.match.index_list.empty() ? Carried::kToo : Carried::kNot;
    const auto odd = ForEachProgram(path, std::move(*bytes), carried, [&](const std::string& name, Bytes program) -> Status {
      const auto out = MatchOne(line, *base, list, name, std::move(program));
      if (!out) exit_code = Report(out.error());
      else printed = printed && Print(*out);
      return {};
    });
    if (!printed) return kExitFailure;
    if (!odd) exit_code = Report({odd.error().code, path + ": " + odd.error().message});
    else for (const std::string& text : *odd) Talk("ascribe: " + TerminalSafe(text) + "\n");
  }
  return exit_code;
}

}  // namespace ascribe
