#include "report/code_text.h"

#include <fmt/format.h>

#include "base/text.h"
#include "code/operand_marks.h"

namespace ascribe {
namespace {

// The operands that differ stand in braces: a terminal may have no colours.
std::string Marked(const CodeSide& side) { return WithMarks(side.text, side.differs, "{", "}", TerminalSafe); }

std::string SideText(const CodeSide& side) {
  if (side.bytes.empty()) return fmt::format("{:72}", "");
  return fmt::format("{:>10x} +{:<8x} {:<20} {:<30}", side.address, side.offset, Ellipsize(side.bytes, 20), Marked(side));
}

}  // namespace

std::string CodeCounts(const FunctionComparison& f) {
  return fmt::format("{} instructions equal, {} with other operands, {} only in a, {} only in b; {} of {} and {} blocks equal{}", f.equal, f.other_operands,
                     f.only_a, f.only_b, f.blocks_equal, f.a.blocks, f.b.blocks, f.cut ? "; compared as far as 1,000 instructions" : "");
}

std::string CodeToText(const CodeComparison& c) {
  std::string out = fmt::format("CODE SIDE BY SIDE  a: sha256 {}\n                   b: sha256 {}  ({}{}{})\n", c.sample, c.other, TerminalSafe(c.label),
                                c.known ? ", known since " + c.known->ToString() : std::string(), c.in_case ? ", a file of the case" : ", known code");
  if (!c.missing.empty()) out += "  not shown: " + TerminalSafe(c.missing) + "\n";
  for (const FunctionComparison& f : c.functions) {
    out += fmt::format("  a {:x} (offset {:#x}) = b {:x} (offset {:#x}): {}\n", f.a.address, f.a.offset, f.b.address, f.b.offset, TerminalSafe(f.shares));
    if (!f.missing.empty()) out += "    not shown: " + TerminalSafe(f.missing) + "\n";
    if (f.rows.empty()) continue;
    out += "    " + CodeCounts(f) + "\n";
    if (f.rows_before > 0) out += fmt::format("    {} lines before\n", f.rows_before);
    for (const CodeRow& row : f.rows) {
      if (row.begins_block) out += row.equal_block ? "    -- equal block\n" : "    --\n";
      const char mark = "=~<>"[static_cast<std::size_t>(row.likeness)];
      out += fmt::format("    {} {} {}\n", SideText(row.a), mark, SideText(row.b));
    }
    if (f.rows_after > 0) out += fmt::format("    {} more lines\n", f.rows_after);
  }
  if (c.functions_not_shown > 0) out += fmt::format("  {} more functions not shown; ascribe compare shows them all\n", c.functions_not_shown);
  return out;
}

}  // namespace ascribe
