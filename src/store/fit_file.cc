#include "store/fit_file.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "base/io.h"
#include "base/sha256.h"
#include "store/parameters_file.h"
#include "store/toml_fields.h"

namespace ascribe {
namespace {

constexpr std::string_view kFormat = "ascribe-fit/2";
constexpr std::string_view kFirstFormat = "ascribe-fit/1";  // calibration of operators only, in [calibration] itself
constexpr std::array<std::string_view, kRarities> kRarityNames = {"1", "2", "3-5", "6-10", ">10"};
constexpr std::array<std::string_view, 2> kAgeNames = {"fresh", "old"};
constexpr std::string_view kAny = "any";
// A fit holds 16 cells for each of eight kinds; more is not one of ours.
constexpr std::size_t kMaxCells = 10'000;
constexpr double kMostNats = 50;  // e^50: no corpus shows that

// A name of the list, or "any" (-1).
template <std::size_t n>
int OneOf(TomlFields& fields, std::string_view key, const std::array<std::string_view, n>& names) {
  const std::string text = fields.Text(key);
  for (std::size_t i = 0; i < n; ++i)
    if (names[i] == text) return static_cast<int>(i);
  if (text != kAny) fields.Complain(key, "unknown \"" + text + "\"");
  return -1;
}

std::size_t Count(TomlFields& fields, std::string_view key) { return static_cast<std::size_t>(fields.Number(key, 0, 1e15)); }

Result<LikelihoodCell> ReadCell(const toml::table* table, std::size_t index) {
  TomlFields r(table, fmt::format("fit: cell[{}]", index));
  LikelihoodCell cell;
  cell.kind = r.Text("kind");
  cell.rarity = OneOf(r, "holders", kRarityNames);
  cell.age = OneOf(r, "age", kAgeNames);
  cell.same_hits = Count(r, "same");
  cell.other_hits = Count(r, "other");
  cell.nats = r.Number("nats", -kMostNats, kMostNats);
  cell.low = r.Number("low", -kMostNats, cell.nats);
  cell.high = r.Number("high", cell.nats, kMostNats);
  TRY(r.status());
  return cell;
}

Result<Calibration> ReadCalibration(const toml::table& table, const std::string& where) {
  TomlFields fields(&table, where);
  Calibration out;
  out.error = fields.Number("ece", 0, 1);
  out.tests = Count(fields, "tests");
  TRY(fields.status());
  if (const toml::array* bins = table["bin"].as_array())
    for (std::size_t i = 0; i < std::min(bins->size(), kMaxCells); ++i) {
      TomlFields r(bins->get(i)->as_table(), fmt::format("{}.bin[{}]", where, i));
      CalibrationBin bin;
      bin.from = r.Number("from", 0, 1);
      bin.to = r.Number("to", bin.from, 1);
      bin.said = r.Number("said", 0, 1);
      bin.right = r.Number("right", 0, 1);
      bin.count = Count(r, "tests");
      TRY(r.status());
      out.bins.push_back(bin);
    }
  return out;
}

template <std::size_t n>
std::string_view NameOf(int index, const std::array<std::string_view, n>& names) {
  return index < 0 ? kAny : names[static_cast<std::size_t>(index)];
}

}  // namespace

Result<Fit> ParseFit(std::string_view text) {
  TRY_ASSIGN(const toml::table root, ParseToml(text));
  const bool first = TomlText(root, "format") == kFirstFormat;
  if (!first && TomlText(root, "format") != kFormat) return Fail(ErrorCode::kUnsupported, "fit: format is not ascribe-fit/2: run kb fit anew");
  Fit fit;
  fit.sha256 = Sha256Hex(text);
  TomlFields head(&root, "fit");
  fit.version = head.Text("version");
  TRY(head.status());
  TomlFields corpus(root["corpus"].as_table(), "fit: corpus");
  fit.corpus_sha256 = corpus.Text("sha256");
  fit.first_day = corpus.Text("first_day");
  fit.last_day = corpus.Text("last_day");
  fit.reports = Count(corpus, "reports");
  fit.tests = Count(corpus, "tests");
  fit.actors = Count(corpus, "actors");
  fit.same_pairs = Count(corpus, "same_pairs");
  fit.other_pairs = Count(corpus, "other_pairs");
  TRY(corpus.status());
  TomlFields weights(root["weights"].as_table(), "fit: weights");
  fit.weights.code = weights.Number("code", 0, 10);
  fit.weights.infrastructure = weights.Number("infrastructure", 0, 10);
  fit.weights.behaviour = weights.Number("behaviour", 0, 10);
  fit.activity = weights.Number("activity", 0, 10);
  fit.recent = weights.Number("recent", 0, 10);
  TRY(weights.status());
  for (const Level level : kLevels) {
    if (first && level != Level::kOperator) continue;
    const toml::table* table = first ? root["calibration"].as_table() : root["calibration"][LevelName(level)].as_table();
    if (table == nullptr) continue;  // not measured
    const std::string where = first ? "fit: calibration" : fmt::format("fit: calibration.{}", LevelName(level));
    TRY_ASSIGN(fit.calibration[static_cast<std::size_t>(level)], ReadCalibration(*table, where));
  }
  const toml::array* cells = root["cell"].as_array();
  if (cells == nullptr) return Fail(ErrorCode::kInvalidInput, "fit: no [[cell]]");
  if (cells->size() > kMaxCells) return Fail(ErrorCode::kLimitExceeded, fmt::format("fit: more than {} cells", kMaxCells));
  for (std::size_t i = 0; i < cells->size(); ++i) {
    TRY_ASSIGN(LikelihoodCell cell, ReadCell(cells->get(i)->as_table(), i));
    fit.cells.push_back(std::move(cell));
  }
  return fit;
}

Result<Fit> LoadFit(const std::filesystem::path& file) {
  TRY_ASSIGN(const std::string text, ReadTextFile(file, 1 << 22));
  auto fit = ParseFit(text);
  if (!fit) return FailAt(file.string(), fit.error());
  return fit;
}

std::string FitToToml(const Fit& fit) {
  std::string out = fmt::format(
      "# Measured by `ascribe kb fit` on a corpus of dated reports: aggregates only, no names and no indicators.\n"
      "# Natural logarithms of likelihood ratios (\"nats\"), 95 % intervals. docs/formats/fit.md says what each field is.\n\n"
      "format  = \"{}\"\nversion = \"{}\"\n\n[corpus]\nsha256      = \"{}\"\nfirst_day   = \"{}\"\nlast_day    = \"{}\"\n"
      "reports     = {}\ntests       = {}\nactors      = {}\nsame_pairs  = {}\nother_pairs = {}\n",
      kFormat, fit.version, fit.corpus_sha256, fit.first_day, fit.last_day, fit.reports, fit.tests, fit.actors, fit.same_pairs,
      fit.other_pairs);
  out += fmt::format(
      "\n[weights]\ncode           = {:.4f}\ninfrastructure = {:.4f}\nbehaviour      = {:.4f}\nactivity       = {:.4f}\nrecent         = {:.4f}\n",
      fit.weights.code, fit.weights.infrastructure, fit.weights.behaviour, fit.activity, fit.recent);
  for (const Level level : kLevels) {
    const Calibration& measured = fit.calibration[static_cast<std::size_t>(level)];
    if (measured.tests == 0) continue;
    out += fmt::format("\n[calibration.{}]\nece   = {:.4f}\ntests = {}\n", LevelName(level), measured.error, measured.tests);
    for (const CalibrationBin& bin : measured.bins)
      out += fmt::format("[[calibration.{}.bin]]\nfrom = {:.2f}\nto = {:.2f}\nsaid = {:.4f}\nright = {:.4f}\ntests = {}\n", LevelName(level), bin.from,
                         bin.to, bin.said, bin.right, bin.count);
  }
  // Rounded outwards, so that the interval read back still holds its value.
  const auto down = [](double x) { return std::floor(x * 1e4) / 1e4; };
  const auto up = [](double x) { return std::ceil(x * 1e4) / 1e4; };
  for (const LikelihoodCell& cell : fit.cells)
    out += fmt::format("\n[[cell]]\nkind = \"{}\"\nholders = \"{}\"\nage = \"{}\"\nsame = {}\nother = {}\nnats = {:.4f}\nlow = {:.4f}\nhigh = {:.4f}\n",
                       cell.kind, NameOf(cell.rarity, kRarityNames), NameOf(cell.age, kAgeNames), cell.same_hits, cell.other_hits,
                       cell.nats, down(cell.low), up(cell.high));
  return out;
}

Result<Parameters> LoadFittedParameters(const std::filesystem::path& data, const std::filesystem::path& own) {
  TRY_ASSIGN(Parameters parameters, LoadParameters(data / "parameters.toml"));
  std::error_code ignored;
  for (const std::filesystem::path& file : {own, data / "fit.toml"}) {
    if (file.empty() || !std::filesystem::exists(file, ignored)) continue;
    TRY_ASSIGN(const Fit fit, LoadFit(file));
    ApplyFit(fit, parameters);
    break;
  }
  return parameters;
}

}  // namespace ascribe
