// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// cordon run: one WASI program in the jail.
#include <cstdlib>
#include <memory>

#include "sandbox/cli/commands.h"
#include "sandbox/cli/grant.h"
#include "sandbox/cli/jailed.h"
#include "sandbox/cli/options.h"
#include "sandbox/cli/quantity.h"

namespace cordon::cli {
namespace {

struct RunOptions : JailedOptions {
  std::vector<std::string> directories, environment;
  std::string argv0;
};

// NAME=VALUE as it is; a bare NAME takes the value it has here, and is left out where it has none.
void add_variable(std::vector<std::string>& env, const std::string& text) {
  if (text.find('=') != std::string::npos) {
    env.push_back(text);
  } else if (const char* value = std::getenv(text.c_str())) {
    env.push_back(text + "=" + value);
  }
}

// MODULE and the guest's own arguments are what is left after our options.
void take_positionals(const CLI::App& command, RunOptions& options) {
  std::vector<std::string> rest = command.remaining();
  if (rest.empty()) throw CLI::RequiredError("MODULE.wasm");
  if (rest[0] == "--" && rest.size() > 1) {
    rest.erase(rest.begin());
  } else if (rest[0].size() > 1 && rest[0].starts_with('-')) {
    throw CLI::ExtrasError({rest[0]});
  }
  options.request.module_path = rest[0];
  options.request.args = rest;
  if (!options.argv0.empty()) options.request.args[0] = options.argv0;
}

void finish(const CLI::App& command, RunOptions& options) {
  take_positionals(command, options);
  if (options.request.perf_map && options.request.engine != protocol::Engine::Jit) {
    throw CLI::ValidationError("--profile", "perfmap is for native code: --engine=jit");
  }
  if (!options.request.precompiled_path.empty() &&
      options.request.engine != protocol::Engine::Jit) {
    throw CLI::ValidationError("--precompiled", "is native code: --engine=jit");
  }
  for (const std::string& text : options.directories) {
    auto grant = parse_grant(text);
    if (!grant) throw CLI::ValidationError("--dir", grant.error());
    options.request.directories.push_back(*grant);
  }
  for (const std::string& text : options.environment) add_variable(options.request.env, text);
}

}  // namespace

void add_run(CLI::App& app, int& status) {
  auto options = std::make_shared<RunOptions>();
  supervisor::RunRequest& request = options->request;
  request.engine = protocol::Engine::Jit;
  CLI::App* command = app.add_subcommand("run", "run a WASI program (the default)");
  command->prefix_command();
  add_choice(
      *command, "--engine", {{"jit", protocol::Engine::Jit}, {"interp", protocol::Engine::Interp}},
      request.engine,
      "jit: native code, compiled in a jail of its own and verified (the default); interp: the "
      "interpreter, no executable memory");
  command
      ->add_option("--dir", options->directories,
                   "let the guest see a directory, under another name if one is given; read-only "
                   "unless rw")
      ->type_name("HOST[::GUEST[::ro|rw]]")
      ->allow_extra_args(false);
  command->add_option("--env", options->environment, "set a variable, or pass one on by its name")
      ->type_name("NAME[=VALUE]")
      ->allow_extra_args(false);
  command->add_flag("--allow-ansi", request.allow_ansi,
                    "let the guest's control sequences reach a terminal; else they are shown as "
                    "text");
  command->add_option("--argv0", options->argv0, "what the guest sees as its own name");
  command
      ->add_option("--invoke", request.invoke, "call this export with ARGS and print its results")
      ->type_name("NAME");
  command->add_option("--fuel", request.fuel,
                      "end the run before more than this many wasm instructions");
  add_quantity(*command, "--max-stack", parse_size, request.max_stack,
               "most stack of the guest, in bytes (default 1M)");
  add_quantity(*command, "--max-output", parse_size, request.max_output,
               "most that the guest may write, to standard output and files together, in bytes "
               "(default 4G)");
  command
      ->add_option("--max-open-files", request.max_files,
                   "most files and directories that the guest may have open at a time (default " +
                       std::to_string(supervisor::kDefaultMaxFiles) + ")")
      ->check(CLI::Range(supervisor::kLeastMaxFiles, supervisor::kMostMaxFiles))
      ->type_name("N");
  command
      ->add_option("--precompiled", request.precompiled_path,
                   "code that `cordon compile` made of the module, from whomever; verified, and "
                   "nothing is compiled")
      ->type_name("BLOB");
  add_choice(*command, "--profile", {{"perfmap", true}}, request.perf_map,
             "perfmap: names of native functions in /tmp/perf-PID.map, for `perf record` and "
             "`perf report`");
  options->add_to(*command);
  command->footer(
      "cordon [run] [OPTIONS] MODULE.wasm [ARGS...]\n"
      "Options stand before the module, the guest's arguments behind it.\n"
      "Exit status: the guest's own; 1 module refused, 2 usage, no such input or no jail, 3 cordon "
      "itself\nlacked something, 124 timeout, 134 trap, fuel or output limit, 137 memory limit, "
      "159 "
      "jail violation.\n"
      "Examples:\n"
      "  cordon run --dir ./data::/data::rw app.wasm /data/input\n"
      "  cordon run --fuel 1000000 --invoke add math.wasm 2 3\n"
      "  cordon run --precompiled app.cordon app.wasm\n"
      "  cordon run --report fd:3 app.wasm 3>run.json");
  command->callback([command, options, &status] {
    finish(*command, *options);
    status = run_jailed(*options);
  });
}

}  // namespace cordon::cli
