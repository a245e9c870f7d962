#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ascribe {

/// An option or a positional argument of a command.
struct CommandOption {
  std::vector<std::string> names;    ///< as typed, short ones first ("-q", "--quiet"); of a positional one word, or several in one
  std::string value;                 ///< what it takes ("DATE", "1..256"); empty: it is a flag, or a positional
  std::vector<std::string> choices;  ///< the only values that it takes; empty: any
  std::string help;
  bool repeatable = false;
};

/// A command with what it takes. The root is the program itself; its options may stand after every command.
struct Command {
  std::string name, help;
  std::vector<CommandOption> options, positionals;
  std::vector<Command> commands;
};

/// What the manual says beside the table.
struct ManualTexts {
  std::string version, examples, exit_codes;
};

/// The manual page, section 1, in man(7) macros.
[[nodiscard]] std::string ManPage(const Command& program, const ManualTexts& texts);

/// Completions of commands, options and their choices, elsewhere of file names. `program` is a root.
[[nodiscard]] std::string BashCompletion(const Command& program);
[[nodiscard]] std::string ZshCompletion(const Command& program);
[[nodiscard]] std::string FishCompletion(const Command& program);

}  // namespace ascribe
