#include <fmt/format.h>

#include "app/command_table.h"

namespace ascribe {
namespace {

// A hyphen that can be copied into a shell, and no line that begins as a request of roff does.
std::string Roff(std::string_view text) {
  std::string out;
  bool line_start = true;
  for (const char c : text) {
    if (line_start && (c == '.' || c == '\'')) out += "\\&";
    line_start = c == '\n';
    if (c == '-') out += "\\-";
    else if (c == '\\') out += "\\e";
    else if (c == '\'') out += "\\(aq";
    else if (c == '^') out += "\\(ha";
    else if (c == '~') out += "\\(ti";
    else if (c == '`') out += "\\(ga";
    else out += c;
  }
  return out;
}

std::string Options(const std::vector<CommandOption>& options) {
  std::string out;
  for (const CommandOption& option : options) {
    std::string names;
    for (const std::string& name : option.names) names += (names.empty() ? "\\fB" : ", \\fB") + Roff(name) + "\\fR";
    if (!option.value.empty()) names += " \\fI" + Roff(option.value) + "\\fR";
    out += ".TP\n" + names + "\n" + Roff(option.help) + "\n";
  }
  return out;
}

std::string CommandSection(const std::string& path, const Command& command) {
  std::string out = fmt::format(".SS {}\n.B ascribe {}\n", Roff(path), Roff(path));
  if (!command.options.empty()) out += "[\\fIOPTION\\fR...]\n";
  for (const CommandOption& positional : command.positionals)
    out += "\\fI" + Roff(positional.names.front()) + (positional.repeatable ? "\\fR...\n" : "\\fR\n");
  if (!command.commands.empty()) out += "\\fICOMMAND\\fR ...\n";
  out += ".PP\n" + Roff(command.help) + "\n";
  for (const CommandOption& positional : command.positionals)
    out += ".TP\n\\fI" + Roff(positional.names.front()) + "\\fR\n" + Roff(positional.help) + "\n";
  out += Options(command.options);
  for (const Command& sub : command.commands) out += CommandSection(path + " " + sub.name, sub);
  return out;
}

}  // namespace

std::string ManPage(const Command& program, const ManualTexts& texts) {
  // No date: the same source gives the same page on any day.
  std::string out = ".TH ASCRIBE 1 \"\" \"ascribe " + Roff(texts.version) + "\" \"User Commands\"\n";
  std::string_view summary = program.help;
  if (const std::string own = program.name + ": "; summary.starts_with(own)) summary.remove_prefix(own.size());
  out += ".SH NAME\nascribe \\- " + Roff(summary) + "\n";
  out += ".SH SYNOPSIS\n.B ascribe\n[\\fIOPTION\\fR...] \\fICOMMAND\\fR ...\n";
  out += ".SH DESCRIPTION\n"
         "Attributes a cyber attack from evidence, openly and checkably.\n"
         "Given a case (samples, threat intelligence, reports, statements) and a knowledge base of earlier attacks,\n"
         "it links tools, infrastructure and techniques, traces the route back and says where the trail ends,\n"
         "and weighs rival hypotheses: whose tools, which operator, which state.\n"
         "An unknown actor and somebody imitating the leader are always among them and can win.\n"
         "Samples are read, never run; no network connection is opened.\n";
  out += ".SH OPTIONS\nThese may stand before or after every command.\n" + Options(program.options);
  out += ".SH COMMANDS\n";
  for (const Command& command : program.commands) out += CommandSection(command.name, command);
  out += ".SH EXIT STATUS\n" + Roff(texts.exit_codes) + "\n";
  out += ".SH ENVIRONMENT\n.TP\n.B ASCRIBE_DATA\n"
         "The folder with parameters.toml, packs and tables, instead of the one that was installed.\n"
         ".TP\n.B XDG_DATA_HOME\nThe ledger lies in its folder ascribe, unless \\fB\\-\\-kb\\fR names another.\n";
  out += ".SH FILES\n.TP\n.I PREFIX/share/ascribe\nParameters, knowledge packs and tables; below examples the case of \\fBascribe demo\\fR.\n";
  out += ".SH EXAMPLES\n.nf\n" + Roff(texts.examples) + "\n.fi\n";
  out += ".SH SEE ALSO\n\\fBpdftotext\\fR(1), which reads reports in PDF when it is there.\n";
  return out;
}

}  // namespace ascribe
