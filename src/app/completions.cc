#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "app/command_table.h"

namespace ascribe {
namespace {

// One word of bash or zsh, whatever it holds.
std::string Quote(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += "'\\''";
    else out += c;
  }
  return out + "'";
}

// Within single quotes fish knows \' and \\.
std::string FishQuote(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string Join(const std::vector<std::string>& words, std::string_view between = " ") {
  return fmt::format("{}", fmt::join(words, between));
}

// Calls `visit` for every command below the program with its path ("kb add").
void Walk(const Command& command, const std::string& path, const std::function<void(const std::string&, const Command&)>& visit) {
  for (const Command& sub : command.commands) {
    const std::string below = path.empty() ? sub.name : path + " " + sub.name;
    visit(below, sub);
    Walk(sub, below, visit);
  }
}

// Every name of an option, of any command, that `wanted` accepts; for a shell's pattern: "--a|--b".
std::string Names(const Command& program, const std::function<bool(const CommandOption&)>& wanted) {
  std::vector<std::string> names;
  const auto take = [&](const Command& command) {
    for (const CommandOption& option : command.options)
      if (wanted(option))
        for (const std::string& name : option.names)
          if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  take(program);
  Walk(program, "", [&](const std::string&, const Command& command) { take(command); });
  return Join(names, "|");
}

std::string ValueOptions(const Command& program) {
  return Names(program, [](const CommandOption& option) { return !option.value.empty(); });
}

std::vector<std::string> OptionWords(const Command& command) {
  std::vector<std::string> words;
  for (const CommandOption& option : command.options) words.insert(words.end(), option.names.begin(), option.names.end());
  return words;
}

std::vector<std::string> CommandWords(const Command& command) {
  std::vector<std::string> words;
  for (const Command& sub : command.commands) words.push_back(sub.name);
  return words;
}

// "path|word" for each step from a command to one below it, for a shell's pattern.
std::string Steps(const Command& program, const std::function<std::string(std::string_view)>& quote) {
  std::vector<std::string> steps;
  Walk(program, "", [&](const std::string& path, const Command&) { steps.push_back(quote(path)); });
  return Join(steps, "|");
}

}  // namespace

std::string BashCompletion(const Command& program) {
  std::string out = R"(# bash completion for ascribe, written by the program from its table of commands
_ascribe() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} path= word i skip=
  local commands= options=
  COMPREPLY=()
  # Which command the words before the cursor name; the value of an option names none.
  for ((i = 1; i < COMP_CWORD; ++i)); do
    word=${COMP_WORDS[i]}
    if [[ $word == '=' ]]; then continue; fi
    if [[ $skip ]]; then skip=; continue; fi
    case $word in
)";
  out += "      " + ValueOptions(program) + ") skip=1; continue ;;\n";
  out += "      -*) continue ;;\n    esac\n    case \"${path:+$path }$word\" in\n";
  out += "      " + Steps(program, Quote) + ") path=\"${path:+$path }$word\" ;;\n";
  out += R"(    esac
  done
  # "--name=value" comes as three words.
  if [[ $cur == '=' ]]; then cur=; elif [[ $prev == '=' ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi
  case $path in
)";
  out += "    '') commands=" + Quote(Join(CommandWords(program))) + " ;;\n";
  Walk(program, "", [&](const std::string& path, const Command& command) {
    out += fmt::format("    {})\n      commands={}\n      options={}\n", Quote(path), Quote(Join(CommandWords(command))), Quote(Join(OptionWords(command))));
    for (const CommandOption& option : command.options)
      if (!option.choices.empty())
        out += fmt::format("      if [[ $prev == {} ]]; then mapfile -t COMPREPLY < <(compgen -W {} -- \"$cur\"); return; fi\n", option.names.back(),
                           Quote(Join(option.choices)));
    out += "      ;;\n";
  });
  out += "  esac\n  options+=" + Quote(" " + Join(OptionWords(program))) + "\n  case $prev in\n    " + ValueOptions(program) +
         ") return ;; # a file name, or anything\n  esac\n";
  out += R"(  if [[ $cur == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
  elif [[ $commands ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$cur")
  fi
}
complete -o default -F _ascribe ascribe
)";
  return out;
}

namespace {

// Within a spec of _arguments.
std::string ZshText(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string ZshOptions(const Command& command) {
  std::string out;
  for (const CommandOption& option : command.options) {
    std::string others;
    if (option.names.size() > 1 && !option.repeatable) others = "(" + Join(option.names) + ")";
    for (const std::string& name : option.names) {
      std::string spec = (option.repeatable ? "*" : others) + name + "[" + ZshText(option.help) + "]";
      if (!option.choices.empty()) spec += ":" + ZshText(option.value) + ":(" + Join(option.choices) + ")";
      else if (!option.value.empty()) spec += ":" + ZshText(option.value) + ":_files";
      out += "    " + Quote(spec) + " \\\n";
    }
  }
  return out;
}

std::string ZshFunction(const std::string& path) {
  std::string name = "_ascribe_" + path;
  for (char& c : name)
    if (c == ' ' || c == '-') c = '_';
  return name;
}

// The function that completes what stands behind a command; `globals` may stand there too.
std::string ZshFunctionOf(const std::string& function, const std::string& path, const Command& command, const std::string& globals) {
  std::string out = function + "() {\n";
  if (command.commands.empty()) {
    out += "  _arguments -s \\\n" + ZshOptions(command) + globals;
    return out + (command.positionals.empty() ? "    && return\n}\n" : "    '*:" + ZshText(command.positionals.front().names.front()) + ":_files'\n}\n");
  }
  out += "  local curcontext=\"$curcontext\" state line\n  typeset -A opt_args\n  _arguments -C -s \\\n" + ZshOptions(command) + globals;
  out += "    '1: :->command' \\\n    '*:: :->rest' && return\n  case $state in\n    command)\n      local -a commands=(\n";
  for (const Command& sub : command.commands) out += "        " + Quote(sub.name + ":" + sub.help) + "\n";
  out += "      )\n      _describe command commands\n      ;;\n    rest)\n      case $line[1] in\n";
  for (const Command& sub : command.commands)
    out += fmt::format("        {}) {} ;;\n", sub.name, ZshFunction(path.empty() ? sub.name : path + " " + sub.name));
  return out + "      esac\n      ;;\n  esac\n}\n";
}

}  // namespace

std::string ZshCompletion(const Command& program) {
  std::string out = "#compdef ascribe\n# zsh completion for ascribe, written by the program from its table of commands\n";
  const std::string globals = ZshOptions(program);
  Walk(program, "", [&](const std::string& path, const Command& command) { out += ZshFunctionOf(ZshFunction(path), path, command, globals); });
  return out + ZshFunctionOf("_ascribe", "", program, "") + "_ascribe \"$@\"\n";
}

std::string FishCompletion(const Command& program) {
  std::string out = R"(# fish completion for ascribe, written by the program from its table of commands
# Whether the words before the cursor name this command; the value of an option names none.
function __ascribe_at
  set -l path
  set -l skip 0
  for word in (commandline -opc)[2..-1]
    if test $skip = 1
      set skip 0
      continue
    end
    switch $word
)";
  std::string values = ValueOptions(program);
  std::replace(values.begin(), values.end(), '|', ' ');
  std::string steps = Steps(program, FishQuote);
  std::replace(steps.begin(), steps.end(), '|', ' ');
  out += "      case " + values + "\n        set skip 1\n      case '-*'\n      case '*'\n        switch (string join ' ' $path $word)\n";
  out += "          case " + steps + "\n            set path $path $word\n        end\n    end\n  end\n  test \"$path\" = \"$argv\"\nend\n";
  const auto complete = [&](const std::string& path, const Command& command) {
    const std::string when = "complete -c ascribe -n '__ascribe_at " + path + "'";
    for (const Command& sub : command.commands) out += when + " -f -a " + sub.name + " -d " + FishQuote(sub.help) + "\n";
    for (const CommandOption& option : command.options) {
      // Options of the program may stand behind every command.
      out += &command == &program ? "complete -c ascribe" : when;
      for (const std::string& name : option.names) out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      if (!option.choices.empty()) out += " -x -a " + FishQuote(Join(option.choices));
      else if (!option.value.empty()) out += " -r";
      out += " -d " + FishQuote(option.help) + "\n";
    }
  };
  complete("", program);
  Walk(program, "", complete);
  return out;
}

}  // namespace ascribe
