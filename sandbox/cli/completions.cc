// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/cli/completions.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace cordon::cli {
namespace {

// The command that may be omitted.
constexpr const char* kDefaultCommand = "run";

struct Choice {
  std::string name;         // without its dashes
  std::string description;  // in one line
  bool is_short;
  bool takes_value;
  std::string values;  // separated by spaces; empty: any value
};

// The values to complete with: those of "jit|interp"; none for "HOST[::GUEST]" and the like.
std::string values_of(const CLI::Option& option) {
  std::string type = option.get_type_name();
  const auto is_word = [](char c) { return (c >= 'a' && c <= 'z') || c == '|'; };
  if (!std::ranges::all_of(type, is_word)) return {};
  std::ranges::replace(type, '|', ' ');
  return type;
}

std::vector<Choice> choices_of(const CLI::App& command) {
  std::vector<Choice> choices;
  for (const CLI::Option* option : command.get_options()) {
    const bool takes_value = option->get_items_expected_min() > 0;
    const auto add = [&](const std::string& name, bool is_short) {
      choices.push_back({name, option->get_description(), is_short, takes_value,
                         takes_value ? values_of(*option) : ""});
    };
    for (const std::string& name : option->get_snames()) add(name, true);
    for (const std::string& name : option->get_lnames()) add(name, false);
  }
  return choices;
}

std::string spelled(const Choice& choice) { return (choice.is_short ? "-" : "--") + choice.name; }

// Quotes text with a shell's single quotes; `quote` replaces one within.
std::string quoted(std::string_view text, std::string_view quote) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string(quote) : std::string(1, c);
  return out + "'";
}

std::string words_of(const CLI::App& command) {
  std::string words;
  for (const Choice& choice : choices_of(command))
    words += (words.empty() ? "" : " ") + spelled(choice);
  return words;
}

std::string command_names(const CLI::App& app, const char* separator) {
  std::string names;
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    names += (names.empty() ? "" : separator) + command->get_name();
  }
  return names;
}

}  // namespace

std::string bash_completion(const CLI::App& app) {
  std::string values, options;
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    options += fmt::format("    {}) words='{}' ;;\n", command->get_name(), words_of(*command));
    for (const Choice& choice : choices_of(*command)) {
      if (choice.values.empty()) continue;
      values += fmt::format("    {}:{}) words='{}' ;;\n", command->get_name(), spelled(choice),
                            choice.values);
    }
  }
  return "# Completion of cordon for bash, made from the options of the program itself.\n"
         "_cordon() {\n"
         "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words=\n"
         "  [[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD-2]}\n"
         "  [[ $cur == = ]] && cur= prev=${COMP_WORDS[COMP_CWORD-1]}\n"
         "  local command=" +
         std::string(kDefaultCommand) +
         "\n"
         "  case ${COMP_WORDS[1]} in\n"
         "    " +
         command_names(app, "|") +
         ") ((COMP_CWORD > 1)) && command=${COMP_WORDS[1]} ;;\n"
         "  esac\n"
         "  case $command:$prev in\n" +
         values +
         "  esac\n"
         "  if [[ -z $words && $cur == -* ]]; then\n"
         "    case $command in\n" +
         options +
         "    esac\n"
         "    ((COMP_CWORD == 1)) && words+=' " +
         words_of(app) +
         "'\n"
         "  elif [[ -z $words && $command == help ]] || [[ -z $words && $COMP_CWORD == 1 ]]; then\n"
         "    words='" +
         command_names(app, " ") +
         "'\n"
         "  fi\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
         "}\n"
         "complete -o default -F _cordon cordon\n";
}

std::string zsh_completion(const CLI::App& app) {
  const auto escaped = [](std::string_view text) {
    std::string out;
    for (const char c : text) {
      if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
      out += c;
    }
    return out;
  };
  std::string commands, cases;
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    commands += "    " +
                quoted(command->get_name() + ":" + escaped(command->get_description()), "'\\''") +
                "\n";
    cases += fmt::format("    {}) _arguments", command->get_name());
    for (const Choice& choice : choices_of(*command)) {
      std::string spec = "*" + spelled(choice) + "[" + escaped(choice.description) + "]";
      if (choice.takes_value)
        spec += ":value:" + (choice.values.empty() ? "_files" : "(" + choice.values + ")");
      cases += " \\\n      " + quoted(spec, "'\\''");
    }
    cases += command->get_name() == "help" ? " '*:command:->commands'" : " '*:file:_files'";
    cases += " ;;\n";
  }
  return "#compdef cordon\n"
         "# Completion of cordon for zsh, made from the options of the program itself.\n"
         "_cordon() {\n"
         "  local -a commands=(\n" +
         commands +
         "  )\n"
         "  local command=" +
         kDefaultCommand +
         " state\n"
         "  if ((CURRENT == 2)) && [[ $words[2] != -* ]]; then\n"
         "    _describe command commands\n"
         "    _files\n"
         "    return\n"
         "  fi\n"
         "  if [[ $words[2] == (" +
         command_names(app, "|") +
         ") ]]; then\n"
         "    command=$words[2]\n"
         "    shift words\n"
         "    ((CURRENT--))\n"
         "  fi\n"
         "  case $command in\n" +
         cases +
         "  esac\n"
         "  [[ $state == commands ]] && _describe command commands\n"
         "}\n"
         "_cordon \"$@\"\n";
}

std::string fish_completion(const CLI::App& app) {
  std::string out =
      "# Completion of cordon for fish, made from the options of the program itself.\n"
      "set -l commands " +
      command_names(app, " ") + "\n";
  const auto add = [&](const std::string& condition, const Choice& choice) {
    out += fmt::format("complete -c cordon -n {} -{} {}", quoted(condition, "\\'"),
                       choice.is_short ? "s" : "l", choice.name);
    if (choice.takes_value)
      out += choice.values.empty() ? " -r" : " -x -a " + quoted(choice.values, "\\'");
    out += " -d " + quoted(choice.description, "\\'") + '\n';
  };
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    const std::string name = command->get_name();
    out += fmt::format(
        "complete -c cordon -n \"not __fish_seen_subcommand_from $commands\" -a {} -d {}\n", name,
        quoted(command->get_description(), "\\'"));
    for (const Choice& choice : choices_of(*command)) {
      add("__fish_seen_subcommand_from " + name, choice);
      if (name != kDefaultCommand) continue;
      add("not __fish_seen_subcommand_from " + command_names(app, " "), choice);
    }
  }
  return out;
}

}  // namespace cordon::cli
