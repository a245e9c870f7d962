#include "report/compare_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "code/operand_marks.h"
#include "code/side_by_side.h"

namespace ascribe {
namespace {

using nlohmann::ordered_json;

const CodeFunction& Left(const Comparison& c, const ComparedPair& pair) { return c.left.program.functions[pair.left]; }
const CodeFunction& Right(const Comparison& c, const ComparedPair& pair) { return c.right.program.functions[pair.right]; }

bool Exact(const ComparedPair& pair) {
  return pair.candidate.by_view[static_cast<std::size_t>(FunctionView::kFunction)] > .99f;
}

// The views that carry a pair, strongest first: "constant .92, text .80".
std::string Carriers(const ComparedPair& pair) {
  std::vector<std::pair<float, FunctionView>> views;
  for (std::size_t v = 0; v < kFunctionViews; ++v)
    if (pair.candidate.by_view[v] >= .1f) views.emplace_back(-pair.candidate.by_view[v], static_cast<FunctionView>(v));
  std::sort(views.begin(), views.end());
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(views.size(), 3); ++i)
    text += fmt::format("{}{} {:.2f}", i == 0 ? "" : ", ", Name(views[i].second), -views[i].first);
  return text;
}

char Mark(SideLine::Likeness likeness) {
  switch (likeness) {
    case SideLine::Likeness::kSame:
      return '=';
    case SideLine::Likeness::kOperandsDiffer:
      return '~';
    case SideLine::Likeness::kOnlyLeft:
      return '<';
    case SideLine::Likeness::kOnlyRight:
      return '>';
  }
  return ' ';
}

std::string Counts(const SideBySide& side) {
  return fmt::format("{} equal, {} with other operands, {} only left, {} only right{}", side.same, side.operands_differ,
                     side.only_left, side.only_right, side.cut ? "; cut" : "");
}

std::string Address(std::uint64_t address) { return address == 0 ? std::string() : fmt::format("{:x}", address); }

}  // namespace

std::string ComparisonText(const Comparison& c) {
  std::string out = fmt::format("A {}  {} functions  sha256 {}\nB {}  {} functions  sha256 {}\n\n", TerminalSafe(c.left_name),
                                c.left.program.functions.size(), c.left.sha256, TerminalSafe(c.right_name),
                                c.right.program.functions.size(), c.right.sha256);
  const auto exact = std::count_if(c.pairs.begin(), c.pairs.end(), Exact);
  out += fmt::format("{} functions of A answer to one of B; {} of them are equal but for addresses; {{operands}} that differ stand in braces\n\n", c.pairs.size(), exact);
  constexpr std::size_t kRows = 30;
  if (!c.pairs.empty()) out += fmt::format("{:>12} {:>12} {:>6} {:>11}  carried by\n", "A", "B", "score", "instr.");
  for (std::size_t i = 0; i < std::min(kRows, c.pairs.size()); ++i) {
    const ComparedPair& pair = c.pairs[i];
    out += fmt::format("{:>12x} {:>12x} {:>6.2f} {:>5}/{:<5}  {}\n", Left(c, pair).address, Right(c, pair).address, pair.candidate.score,
                       Left(c, pair).instructions, Right(c, pair).instructions, Exact(pair) ? "equal code" : Carriers(pair));
  }
  if (c.pairs.size() > kRows) out += fmt::format("{:>12} {} more, see --json\n", "", c.pairs.size() - kRows);
  for (std::size_t i = 0; i < std::min(kSideBySideInText, c.pairs.size()); ++i) {
    const SideBySide side = CompareFunctions(c.left, Left(c, c.pairs[i]), c.right, Right(c, c.pairs[i]));
    out += fmt::format("\nA {:x} and B {:x}: {}\n", Left(c, c.pairs[i]).address, Right(c, c.pairs[i]).address, Counts(side));
    for (const SideLine& line : side.lines)
      out += fmt::format("{}{:>12} {:<44} {} {:>12} {}\n", line.begins_block ? "\n" : "", Address(line.left_address),
                         Ellipsize(WithMarks(line.left, line.left_differs, "{", "}", TerminalSafe), 42), Mark(line.likeness), Address(line.right_address),
                         WithMarks(line.right, line.right_differs, "{", "}", TerminalSafe));
  }
  return out;
}

std::string ComparisonJson(const Comparison& c) {
  const auto sample = [](const std::string& name, const SampleCode& s) {
    return ordered_json{{"file", SanitizeUtf8(name)},
                        {"sha256", s.sha256},
                        {"format", Name(s.executable.format)},
                        {"architecture", Name(s.executable.architecture)},
                        {"functions", s.program.functions.size()},
                        {"unavailable", s.unavailable}};
  };
  ordered_json pairs = ordered_json::array();
  for (const ComparedPair& pair : c.pairs) {
    ordered_json views = ordered_json::object();
    for (std::size_t v = 0; v < kFunctionViews; ++v)
      if (pair.candidate.by_view[v] > 0) views[std::string(Name(static_cast<FunctionView>(v)))] = pair.candidate.by_view[v];
    const auto side = [](const SampleCode& s, const CodeFunction& f) {
      return ordered_json{{"address", fmt::format("{:x}", f.address)},
                          {"offset", s.executable.OffsetOf(f.address).value_or(0)},
                          {"bytes", f.end - f.address},
                          {"instructions", f.instructions},
                          {"blocks", f.blocks}};
    };
    pairs.push_back({{"a", side(c.left, Left(c, pair))},
                     {"b", side(c.right, Right(c, pair))},
                     {"score", pair.candidate.score},
                     {"equal", Exact(pair)},
                     {"views", std::move(views)}});
  }
  const ordered_json out = {{"a", sample(c.left_name, c.left)}, {"b", sample(c.right_name, c.right)}, {"pairs", std::move(pairs)}};
  return out.dump(1) + "\n";
}

std::string ComparisonPage(const Comparison& c) {
  // Colours carry no meaning alone: the mark stands between the sides.
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>ascribe compare</title>\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
      "<style>body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:78rem;padding:0 1rem}"
      "table{border-collapse:collapse}td,th{padding:.1rem .6rem;text-align:left}th{border-bottom:1px solid}"
      "pre,code,.c td{font:13px/1.35 ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere}"
      ".b td{border-top:1px solid #999}.d{background:#fff3c4}mark{background:none;color:inherit;font-weight:bold;text-decoration:underline}.l,.r{background:#eee}"
      "@media(prefers-color-scheme:dark){body{background:#16181c;color:#ddd}.d{background:#4a3d10}.l,.r{background:#2a2d33}}"
      "</style></head><body>\n<h1>Two samples, function by function</h1>\n";
  out += fmt::format("<p>A <code>{}</code>, {} functions, SHA-256 <code>{}</code><br>B <code>{}</code>, {} functions, SHA-256 <code>{}</code></p>\n",
                     HtmlSafe(c.left_name), c.left.program.functions.size(), c.left.sha256, HtmlSafe(c.right_name),
                     c.right.program.functions.size(), c.right.sha256);
  out += fmt::format("<p>{} functions of A answer to one of B; {} of them are equal but for addresses. Marks: = equal, ~ other operands, "
                     "&lt; only in A, &gt; only in B; operands that differ are underlined.</p>\n",
                     c.pairs.size(), std::count_if(c.pairs.begin(), c.pairs.end(), Exact));
  out += "<table><thead><tr><th>A</th><th>B</th><th>score</th><th>instructions</th><th>carried by</th></tr></thead><tbody>\n";
  for (std::size_t i = 0; i < c.pairs.size(); ++i) {
    const ComparedPair& pair = c.pairs[i];
    const std::string name = fmt::format("{:x}", Left(c, pair).address);
    out += fmt::format("<tr><td>{}</td><td>{:x}</td><td>{:.2f}</td><td>{} / {}</td><td>{}</td></tr>\n",
                       i < kSideBySideInPage ? fmt::format("<a href=\"#f{}\">{}</a>", name, name) : name, Right(c, pair).address,
                       pair.candidate.score, Left(c, pair).instructions, Right(c, pair).instructions,
                       Exact(pair) ? "equal code" : Carriers(pair));
  }
  out += "</tbody></table>\n";
  for (std::size_t i = 0; i < std::min(kSideBySideInPage, c.pairs.size()); ++i) {
    const ComparedPair& pair = c.pairs[i];
    const SideBySide side = CompareFunctions(c.left, Left(c, pair), c.right, Right(c, pair));
    out += fmt::format("<h2 id=\"f{0:x}\">A {0:x} and B {1:x}</h2>\n<p>{2}</p>\n<table class=\"c\"><tbody>\n", Left(c, pair).address,
                       Right(c, pair).address, Counts(side));
    for (const SideLine& line : side.lines) {
      const char mark = Mark(line.likeness);
      std::string kind = mark == '~' ? "d" : mark == '<' ? "l" : mark == '>' ? "r" : "";
      if (line.begins_block) kind += " b";
      out += fmt::format("<tr class=\"{}\"><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n", kind, Address(line.left_address),
                         WithMarks(line.left, line.left_differs, "<mark>", "</mark>", HtmlSafe), HtmlSafe(std::string(1, mark)), Address(line.right_address),
                         WithMarks(line.right, line.right_differs, "<mark>", "</mark>", HtmlSafe));
    }
    out += "</tbody></table>\n";
  }
  return out + "</body></html>\n";
}

}  // namespace ascribe
