// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/cli/program.h"

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "sandbox/cli/commands.h"
#include "sandbox/cli/output.h"

namespace cordon::cli {
namespace {

constexpr const char* kDefaultCommand = "run";

constexpr const char* kExamples =
    "Examples:\n"
    "  cordon app.wasm one two              run a WASI program with two arguments\n"
    "  cordon run --dir .::/work app.wasm   let it read this directory as /work\n"
    "  cordon run --timeout 2s --max-memory 64M --report run.json app.wasm\n"
    "  cordon validate app.wasm             is it valid WebAssembly?\n"
    "  cordon compile -o app.cordon app.wasm\n"
    "  cordon run --precompiled app.cordon app.wasm\n"
    "                                       compile once; verified at each run\n"
    "  cordon run --cache app.wasm          compile it at the first run alone\n"
    "  cordon doctor                        which layers of the jail work here?\n"
    "`cordon help COMMAND` has the details.";

// "cordon app.wasm x" and "cordon --fuel 5 app.wasm" mean "cordon run ...".
// Whether the command was added.
bool add_default_command(std::vector<std::string>& words, const CLI::App& app) {
  if (words.empty()) words = {"help"};
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    if (command->get_name() == words[0]) return false;
  }
  if (words[0] == "--help" || words[0] == "-h" || words[0] == "--version") return false;
  words.insert(words.begin(), kDefaultCommand);
  return true;
}

bool takes_value(const CLI::App& command, const std::string& word) {
  if (word.find('=') != std::string::npos) return false;
  const CLI::Option* option = command.get_option_no_throw(word);
  return option != nullptr && option->get_items_expected_min() > 0;
}

// "--name=" has an empty value, but CLI11 takes it for an option without a value.
void part_empty_values(std::vector<std::string>& words) {
  for (size_t at = 0; at < words.size(); ++at) {
    if (!words[at].starts_with("--") || words[at].find('=') != words[at].size() - 1) continue;
    words[at].pop_back();
    words.insert(words.begin() + static_cast<ptrdiff_t>(at) + 1, "");
  }
}

// CLI11's message about a count, in the words of a command line.
std::string plainly(const CLI::ParseError& error) {
  std::string text = error.what();
  const std::string twice = ": At Most 1 required but received ";
  if (const size_t at = text.find(twice); at != std::string::npos) {
    return text.substr(0, at) + " is given more than once";
  }
  const size_t at = text.find(": 1 required ");
  if (at == std::string::npos || !text.ends_with(" missing")) return text;
  return text.substr(0, at) + " needs a value";
}

}  // namespace

Program::Program(const std::string& version)
    : app_("Cordon: a sandbox for untrusted WebAssembly.", "cordon") {
  app_.set_version_flag("--version", "cordon " + version, "print the version");
  app_.require_subcommand(1);
  app_.footer(kExamples);
  add_run(app_, status_, guest_words_);
  add_validate(app_, status_);
  add_inspect(app_, status_);
  add_compile(app_, status_);
  add_verify(app_, status_);
  add_objdump(app_, status_);
  add_wast(app_, status_);
  add_doctor(app_, status_);
  add_policy(app_, status_);
  add_cache(app_, status_);
  add_fuzz(app_, status_);
  add_help(app_, status_);
}

// The module and the words after it are not parsed as options: they are removed from `words`, which
// keeps the options before them. "--" ends these as well.
void Program::take_guest_words(std::vector<std::string>& words) {
  const CLI::App& command = *app_.get_subcommand(kDefaultCommand);
  size_t at = 1;
  while (at < words.size() && words[at].size() > 1 && words[at][0] == '-' && words[at] != "--") {
    at += takes_value(command, words[at]) ? 2 : 1;
  }
  const size_t end = std::min(at, words.size());
  const size_t module = end + (end < words.size() && words[end] == "--" ? 1 : 0);
  guest_words_.assign(words.begin() + static_cast<ptrdiff_t>(module), words.end());
  words.resize(end);
}

int Program::complain_about(const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) {  // no error, but --help or --version
    std::ostringstream out, err;
    app_.exit(error, out, err);
    write_output(out.str());
    return 0;
  }
  const std::vector<CLI::App*> commands = app_.get_subcommands();
  const std::string command = commands.empty() ? "" : " " + commands[0]->get_name();
  complain("{} (`cordon help{}` lists the options)", plainly(error), command);
  return kUsage;
}

// Whether the first word is the only one, and neither a command nor a file.
bool Program::first_word_is_nothing() const {
  const std::string& word = guest_words_[0];
  std::error_code error;
  return word.find_first_of("./-") == std::string::npos && !std::filesystem::exists(word, error);
}

int Program::run(std::vector<std::string> words) {
  const bool command_is_named = !add_default_command(words, app_);
  if (words[0] == kDefaultCommand) take_guest_words(words);
  if (!command_is_named && words.size() == 1 && !guest_words_.empty() && first_word_is_nothing()) {
    complain("\"{}\" is neither a command nor a file (`cordon help` lists the commands)",
             guest_words_[0]);
    return finish_output(kUsage);
  }
  part_empty_values(words);
  std::reverse(words.begin(), words.end());  // the order that CLI11 wants
  try {
    app_.parse(words);
  } catch (const CLI::ParseError& error) {
    status_ = complain_about(error);
  }
  return finish_output(status_);
}

}  // namespace cordon::cli
