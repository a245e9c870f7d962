#include "app/backtest_inputs.h"

#include "base/io.h"
#include "base/text.h"

namespace ascribe {

namespace fs = std::filesystem;
using backtest::PublicSuffixes;
using backtest::PublicTools;

namespace {
constexpr std::uint64_t kMaxTable = std::uint64_t{1} << 26;
}

Result<std::set<std::string, std::less<>>> ReadList(const fs::path& path) {
  TRY_ASSIGN(const std::string text, ReadTextFile(path, kMaxTable));
  std::set<std::string, std::less<>> lines;
  for (const std::string_view line : Split(text, '\n')) {
    const std::string_view entry = Trim(line);
    if (!entry.empty() && entry.front() != '#') lines.insert(std::string(entry));
  }
  return lines;
}

Result<PublicSuffixes> ReadSuffixes(const fs::path& tables) {
  PublicSuffixes suffixes;
  TRY_ASSIGN(const auto entries, ReadList(tables / "hygiene-domains-dynamic-dns.tsv"));
  for (const std::string& entry : entries)
    if (entry.size() > 1 && entry.front() == '.') suffixes.insert(entry.substr(1));
  return suffixes;
}

Result<PublicTools> ReadTools(const fs::path& tables) {
  PublicTools tools;
  TRY_ASSIGN(const auto objects, ReadList(tables / "attack-objects.tsv"));
  for (const std::string& line : objects) {
    const std::vector<std::string_view> cells = Split(line, '\t');
    if (cells.size() > 2 && cells[1] == "tool") tools.insert(backtest::ToolName(cells[2]));
  }
  TRY_ASSIGN(const auto software, ReadList(tables / "software.tsv"));
  for (const std::string& line : software) tools.insert(backtest::ToolName(Split(line, '\t').front()));
  return tools;
}

Result<backtest::States> ReadStates(const fs::path& tables) {
  backtest::States states;
  TRY_ASSIGN(const auto lines, ReadList(tables / "actor-states.tsv"));
  for (const std::string& line : lines) {
    const std::vector<std::string_view> cells = Split(line, '\t');
    if (cells.size() == 2 && cells[0] != "actor") states.emplace(std::string(cells[0]), std::string(cells[1]));
  }
  return states;
}

Result<Date> ParseDay(const std::string& text) {
  const auto time = ParseTime(text);
  if (!time || time->precision != Time::Precision::kDay)
    return Fail(ErrorCode::kInvalidInput, "\"" + TerminalSafe(text) + "\" is no day: write YYYY-MM-DD");
  return time->FirstDay();
}

}  // namespace ascribe
