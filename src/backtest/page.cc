// The page of a backtest: two plots as inline SVG and the tables of the terminal.

#include <fmt/format.h>

#include "backtest/tables.h"
#include "base/text.h"

namespace ascribe::backtest {
namespace {

constexpr double kSide = 320, kMargin = 44;

double X(double share) { return kMargin + share * kSide; }
double Y(double share) { return 12 + (1 - share) * kSide; }

std::string Axes(std::string_view title, std::string_view x_name, std::string_view y_name) {
  std::string out =
      fmt::format("<svg role=\"img\" viewBox=\"0 0 {0} {0}\" width=\"{0}\" height=\"{0}\"><title>{1}</title>\n",
                  kSide + kMargin + 16, title);
  for (int tenth = 0; tenth <= 10; tenth += 2) {
    const double at = tenth / 10.0;
    out += fmt::format(
        "<path class=\"grid\" d=\"M{0:.1f} {1:.1f}V{2:.1f}M{3:.1f} {4:.1f}H{5:.1f}\"/>"
        "<text x=\"{0:.1f}\" y=\"{6:.1f}\" class=\"x\">{7:.1f}</text>"
        "<text x=\"{8:.1f}\" y=\"{4:.1f}\" class=\"y\">{7:.1f}</text>\n",
        X(at), Y(0), Y(1), X(0), Y(at), X(1), Y(0) + 14, at, kMargin - 6);
  }
  out += fmt::format(
      "<text x=\"{:.1f}\" y=\"{:.1f}\" class=\"x\">{}</text>"
      "<text x=\"{:.1f}\" y=\"10\" class=\"l\">{}</text>\n",
      X(.5), Y(0) + 30, x_name, kMargin, y_name);
  return out;
}

std::string ReliabilityPlot(const std::vector<Answer>& answers) {
  std::string out = Axes("Reliability", "probability said", "share right");
  out += fmt::format("<path class=\"ideal\" d=\"M{:.1f} {:.1f}L{:.1f} {:.1f}\"/>\n", X(0), Y(0), X(1), Y(1));
  for (const ReliabilityBin& bin : Reliability(answers)) {
    const auto right = static_cast<std::size_t>(bin.right * static_cast<double>(bin.count) + 0.5);
    const Interval interval = Wilson(right, bin.count);
    out += fmt::format(
        "<path class=\"bar\" d=\"M{0:.1f} {1:.1f}V{2:.1f}\"/><circle cx=\"{0:.1f}\" cy=\"{3:.1f}\" r=\"4\">"
        "<title>{4} tests, said {5:.2f}, right {6:.2f}</title></circle>\n",
        X(bin.said), Y(interval.low), Y(interval.high), Y(bin.right), bin.count, bin.said, bin.right);
  }
  return out + "</svg>\n";
}

std::string CoveragePlot(const std::vector<Answer>& answers) {
  std::string out = Axes("Precision by coverage", "share of tests named, surest first", "share of those right");
  out += "<path class=\"curve\" d=\"";
  char step = 'M';
  for (const CoveragePoint& point : PrecisionCoverage(answers)) {
    out += fmt::format("{}{:.1f} {:.1f}", step, X(point.share), Y(point.precision));
    step = 'L';
  }
  return out + "\"/>\n</svg>\n";
}

}  // namespace

std::string BacktestPage(const Backtest& run) {
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>ascribe backtest</title>\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\">\n<style>\n"
      "body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#1b1f24}\n"
      "pre{font:13px/1.4 ui-monospace,monospace;overflow-x:auto}figure{display:inline-block;margin:0 2rem 1rem 0}\n"
      "svg text{font-size:11px;fill:#444}.x{text-anchor:middle}.y{text-anchor:end}.grid{stroke:#ddd;fill:none}\n"
      ".ideal{stroke:#888;stroke-dasharray:4 4}.bar{stroke:#1f5fa8;stroke-width:1.5}circle{fill:#1f5fa8}\n"
      ".curve{stroke:#1f5fa8;stroke-width:2;fill:none}\n</style></head><body>\n<h1>Chronological backtest</h1>\n";
  out += "<figure>" + ReliabilityPlot(run.answers) +
         "<figcaption>Reliability, with 95 % Wilson intervals</figcaption></figure>\n";
  out += "<figure>" + CoveragePlot(run.answers) + "<figcaption>Precision by coverage</figcaption></figure>\n";
  out += "<pre>";
  const std::string text = BacktestText(run);
  for (std::string_view line : Split(text, '\n')) out += HtmlSafe(line) + "\n";
  out += "</pre>\n</body></html>\n";
  return out;
}

}  // namespace ascribe::backtest
