// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// cordon run: one WASI program in the jail.
#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>

#include "core/wasm/limits.h"
#include "sandbox/cli/cache_options.h"
#include "sandbox/cli/commands.h"
#include "sandbox/cli/grant.h"
#include "sandbox/cli/jailed.h"
#include "sandbox/cli/options.h"
#include "sandbox/cli/quantity.h"

namespace cordon::cli {
namespace {

// [L1] The supervisor, which knows no wasm, copies modules up to the size that is decoded.
static_assert(supervisor::kMaxModuleSize == wasm::kMaxModuleSize);

struct RunOptions : JailedOptions {
  CacheChoice cache;
  std::vector<std::string> directories, environment;
  std::optional<std::string> argv0;
  std::string shown;
};

// NAME=VALUE as given; a bare NAME takes its value from the environment, or is left out.
void add_variable(std::vector<std::string>& env, const std::string& text) {
  if (text.empty() || text.front() == '=') {
    throw CLI::ValidationError("--env", "no name: \"" + text + "\"");
  }
  if (text.find('=') != std::string::npos) {
    env.push_back(text);
  } else if (const char* value = std::getenv(text.c_str())) {
    env.push_back(text + "=" + value);
  }
}

// Checks what a message to a worker has room for [L1], before anything is started.
void expect_at_most(size_t limit, size_t count, const char* option, const char* things) {
  if (count <= limit) return;
  throw CLI::ValidationError(
      option, "at most " + std::to_string(limit) + " " + things + ", not " + std::to_string(count));
}

// All code at once is what a file has, and what perf's names are for.
protocol::Engine default_engine(const supervisor::RunRequest& request) {
  const bool needs_all = !request.precompiled_path.empty() || request.perf_map;
  return needs_all ? protocol::Engine::Jit : protocol::Engine::Auto;
}

void finish(const std::vector<std::string>& guest_words, RunOptions& options) {
  if (guest_words.empty()) throw CLI::RequiredError("MODULE");
  options.request.module_path = guest_words[0];
  options.request.args = guest_words;
  if (options.argv0) options.request.args[0] = *options.argv0;
  if (options.request.perf_map && options.request.engine != protocol::Engine::Jit) {
    throw CLI::ValidationError("--profile", "perfmap is for native code: --engine=jit");
  }
  if (!options.request.precompiled_path.empty() &&
      options.request.engine != protocol::Engine::Jit) {
    throw CLI::ValidationError("--precompiled", "is native code: --engine=jit");
  }
  apply(options.cache, options.request);
  expect_at_most(protocol::kMaxArgs - 1, guest_words.size() - 1, "ARGS", "arguments");
  expect_at_most(protocol::kMaxArgs, options.environment.size(), "--env", "variables");
  expect_at_most(protocol::kMaxPreopens, options.directories.size(), "--dir", "directories");
  for (const std::string& text : options.directories) {
    auto grant = parse_grant(text);
    if (!grant) throw CLI::ValidationError("--dir", grant.error());
    if (std::max(grant->host_path.size(), grant->guest_path.size()) > protocol::kMaxPath) {
      throw CLI::ValidationError("--dir", "too long");
    }
    options.request.directories.push_back(*grant);
  }
  for (const std::string& text : options.environment) add_variable(options.request.env, text);
}

// The guest's arguments, environment and directories, and the function to call.
void add_guest_options(CLI::App& command, RunOptions& options) {
  supervisor::RunRequest& request = options.request;
  command
      .add_option("--dir", options.directories,
                  "let the guest see a directory, under another name if one is given; read-only "
                  "unless rw")
      ->type_name("HOST[::GUEST[::ro|rw]]")
      ->allow_extra_args(false);
  command.add_option("--env", options.environment, "set a variable, or pass one on by its name")
      ->type_name("NAME[=VALUE]")
      ->allow_extra_args(false);
  command.add_flag("--allow-ansi", request.allow_ansi,
                   "let the guest's control sequences reach a terminal; else they are shown as "
                   "text");
  command
      .add_option_function<std::string>(
          "--argv0", [&options](const std::string& name) { options.argv0 = name; },
          "what the guest sees as its own name")
      ->type_name("NAME");
  command
      .add_option_function<std::string>(
          "--invoke",
          [&request](const std::string& name) {
            if (name.size() > protocol::kMaxName)
              throw CLI::ValidationError("--invoke", "too long");
            request.invoke = name;
          },
          "call this export with ARGS and print its results")
      ->type_name("NAME");
}

void add_limit_options(CLI::App& command, supervisor::RunRequest& request) {
  add_quantity(command, "--fuel", parse_count, request.fuel,
               "end the run before more than this many wasm instructions");
  add_choice(
      command, "--at-max-memory", {{"end", false}, {"fail", true}}, request.growth_fails,
      "what a memory.grow beyond --max-memory does: end: it ends the run with a message (the "
      "default); fail: it gives -1, which the guest handles");
  add_quantity(command, "--max-stack", parse_size, request.max_stack,
               "most stack of the guest, in bytes; a frame counts as 8 bytes for each local "
               "and operand (default " +
                   size_text(supervisor::kDefaultMaxStack) + ")");
  add_quantity(command, "--max-output", parse_size, request.max_output,
               "most that the guest may write, to standard output and files together, in bytes "
               "(default " +
                   size_text(supervisor::kDefaultMaxOutput) + ")");
  command
      .add_option("--max-open-files", request.max_files,
                  "most files and directories that the guest may have open at a time (default " +
                      std::to_string(supervisor::kDefaultMaxFiles) + ", from " +
                      std::to_string(supervisor::kLeastMaxFiles) + " to " +
                      std::to_string(supervisor::kMostMaxFiles) + ")")
      ->check(CLI::Range(supervisor::kLeastMaxFiles, supervisor::kMostMaxFiles).description(""))
      ->type_name("N");
}

void add_engine_options(CLI::App& command, supervisor::RunRequest& request) {
  add_choice(
      command, "--engine",
      {{"auto", protocol::Engine::Auto},
       {"jit", protocol::Engine::Jit},
       {"interp", protocol::Engine::Interp}},
      request.engine,
      "auto: the interpreter, and native code of what is hot, made while the guest runs (the "
      "default); jit: native code of all, before the guest starts (the default with --precompiled "
      "or --profile); interp: the interpreter, no executable memory. Code is compiled in a jail of "
      "its own, and verified");
  command
      .add_option(
          "--precompiled", request.precompiled_path,
          "code that `cordon compile` made of the module; it may be untrusted, is verified, "
          "and nothing is compiled")
      ->check(not_empty())
      ->type_name("BLOB");
  add_choice(command, "--profile", {{"perfmap", true}}, request.perf_map,
             "perfmap: names of native functions in /tmp/perf-PID.map, for `perf record` and "
             "`perf report`");
}

constexpr const char* kFooter =
    "`run` may be omitted. Options come before the module, and -- may end them; the arguments "
    "after\nthe module are the guest's.\n"
    "Exit status: the guest's own; 1 module refused, 2 usage, no such input or no jail, 3 cordon "
    "itself\nlacked something, 124 timeout, 134 trap, fuel or output limit, 137 memory limit, "
    "159 "
    "jail violation.\n"
    "Examples:\n"
    "  cordon run --dir ./data::/data::rw app.wasm /data/input\n"
    "  cordon run --fuel 1000000 --invoke add math.wasm 2 3\n"
    "  cordon run --precompiled app.cordon app.wasm\n"
    "  cordon run --cache app.wasm\n"
    "  cordon run --report fd:3 app.wasm 3>run.json";

}  // namespace

void add_run(CLI::App& app, int& status, const std::vector<std::string>& guest_words) {
  auto options = std::make_shared<RunOptions>();
  supervisor::RunRequest& request = options->request;
  CLI::App* command = app.add_subcommand("run", "run a WASI program (the default)");
  // For --help alone: Program removes these words before the options are parsed.
  command->add_option("MODULE", options->shown, "the module; - is standard input")->type_name("");
  command->add_option("ARGS", options->shown, "what the guest sees as its arguments")
      ->type_name("...");
  add_engine_options(*command, request);
  add_cache_options(*command, options->cache);
  add_guest_options(*command, *options);
  add_limit_options(*command, request);
  options->add_to(*command);
  command->footer(kFooter);
  command->callback([options, &request, command, &guest_words, &status] {
    if (command->count("--engine") == 0) request.engine = default_engine(request);
    finish(guest_words, *options);
    status = run_jailed(*options);
  });
}

}  // namespace cordon::cli
