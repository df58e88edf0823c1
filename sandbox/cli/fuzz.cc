// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// cordon fuzz: passes its arguments to `cordon-fuzz`, a separate program (fuzz/cordon_fuzz) beside
// `cordon` in a build; an installation has none, since campaigns need the sources.
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "sandbox/cli/commands.h"
#include "sandbox/cli/output.h"
#include "sandbox/supervisor/run.h"

namespace cordon::cli {
namespace {

constexpr const char* kProgram = "cordon-fuzz";

// Returns only if that program cannot be started. `words`: the arguments after "fuzz".
int hand_over(const std::vector<std::string>& words) {
  const Result<std::string> program = supervisor::find_worker(kProgram);
  if (!program) {
    complain("{}; campaigns run from a build of Cordon's sources (docs/fuzzing.md)",
             program.error().message());
    return kLacking;
  }
  std::vector<char*> arguments = {const_cast<char*>(program->c_str())};
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  execv(program->c_str(), arguments.data());
  complain("{}: {} (it needs python3)", *program, std::strerror(errno));
  return kLacking;
}

}  // namespace

void add_fuzz(CLI::App& app, int& status) {
  CLI::App* command = app.add_subcommand("fuzz", "run and look at fuzz campaigns");
  command->prefix_command();  // the other program parses the rest, --help too
  command->set_help_flag();
  command->footer(
      "The words after `fuzz` go to cordon-fuzz, a program that a build of Cordon has:\n"
      "  cordon fuzz start --time 10m     fuzz all targets\n"
      "  cordon fuzz --help               its other commands");
  command->callback([command, &status] { status = hand_over(command->remaining()); });
}

}  // namespace cordon::cli
