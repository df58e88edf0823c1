// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// cordon wast: runs the specification's scripts in this process: a tool for developers of Cordon,
// not for untrusted modules.
#include <fmt/format.h>

#include <memory>

#include "core/embed/jit_code_feeds.h"
#include "core/embed/jit_code_source.h"
#include "sandbox/cli/commands.h"
#include "sandbox/cli/options.h"
#include "sandbox/cli/output.h"
#include "sandbox/cli/wast_runner.h"

namespace cordon::cli {
namespace {

struct WastOptions {
  std::vector<std::string> scripts;
  engine::Engine engine = engine::Engine::Interp;
  bool for_gdb = false;
};

int run_scripts(const WastOptions& options) {
  WastReport all;
  embed::JitCodeSource compiler;
  engine::Config config;
  config.engine = options.engine;
  config.code_source = &compiler;
  // Scripts are too short for anything to be hot.
  embed::JitCodeFeeds feeds;
  config.code_feeds = &feeds;
  config.thresholds = {.fuel = 1, .slice = 1};
  for (const std::string& script : options.scripts) {
    auto report = run_wast(script, config, options.for_gdb);
    if (!report) {
      complain("{}: {}", script, report.error().message());
      return kUsage;
    }
    all.add(*report);
  }
  for (const WastFailure& failure : all.failures) {
    write_error(fmt::format("{}:{}: {}: {}\n", failure.script, failure.line, failure.kind,
                            failure.problem));
  }
  say("{}", all.table());
  return all.total().failed == 0 ? 0 : kRefused;
}

}  // namespace

void add_wast(CLI::App& app, int& status) {
  auto options = std::make_shared<WastOptions>();
  CLI::App* command = app.add_subcommand("wast", "run scripts of the specification's test suite");
  command
      ->add_option("SCRIPT.json", options->scripts,
                   "scripts made by wast2json (wabt) or json-from-wast (wasm-tools)")
      ->type_name("")
      ->required();
  add_choice(*command, "--engine",
             {{"interp", engine::Engine::Interp},
              {"jit", engine::Engine::Jit},
              {"auto", engine::Engine::Auto}},
             options->engine,
             "interp: the interpreter (the default); jit: native code; auto: native code of each "
             "function from its second call on");
  command->add_flag("--gdb", options->for_gdb, "show native functions to a debugger");
  command->footer(
      "Not jailed: for test scripts that you trust.\n"
      "Example:\n  wast2json i32.wast -o i32.json && cordon wast i32.json");
  command->callback([options, &status] { status = run_scripts(*options); });
}

}  // namespace cordon::cli
