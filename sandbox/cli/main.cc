// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The `cordon` program: finds the subcommand, `run` where none is named.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <sstream>
#include <string>
#include <vector>

#include "sandbox/cli/commands.h"
#include "sandbox/cli/output.h"
#include "sandbox/supervisor/standard_streams.h"

namespace {

// "cordon app.wasm x" and "cordon --fuel 5 app.wasm" mean "cordon run ...".
std::vector<std::string> with_default_command(int argc, char** argv, const CLI::App& app) {
  std::vector<std::string> args(argv + 1, argv + argc);
  if (args.empty()) return {"--help"};
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    if (command->get_name() == args[0]) return args;
  }
  if (args[0] != "--help" && args[0] != "-h" && args[0] != "--version") {
    args.insert(args.begin(), "run");
  }
  return args;
}

int run(int argc, char** argv) {
  CLI::App app("Cordon: a sandbox for untrusted WebAssembly.", "cordon");
  app.set_version_flag("--version", "cordon " CORDON_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Examples:\n"
      "  cordon app.wasm one two              run a WASI program with two arguments\n"
      "  cordon run --dir .::/work app.wasm   let it read this directory as /work\n"
      "  cordon run --timeout 2s --max-memory 64M --report run.json app.wasm\n"
      "  cordon validate app.wasm             is it valid WebAssembly?\n"
      "  cordon compile -o app.cordon app.wasm\n"
      "  cordon run --precompiled app.cordon app.wasm\n"
      "                                       compile once; verified each time, whoever made it\n"
      "  cordon doctor                        what does this machine give a jail?\n"
      "`cordon COMMAND --help` says more.");
  int status = 0;
  cordon::cli::add_run(app, status);
  cordon::cli::add_validate(app, status);
  cordon::cli::add_inspect(app, status);
  cordon::cli::add_compile(app, status);
  cordon::cli::add_verify(app, status);
  cordon::cli::add_objdump(app, status);
  cordon::cli::add_wast(app, status);
  cordon::cli::add_doctor(app, status);
  cordon::cli::add_policy(app, status);

  std::vector<std::string> args = with_default_command(argc, argv, app);
  std::vector<std::string> reversed(args.rbegin(), args.rend());  // the order that CLI11 wants
  try {
    app.parse(reversed);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out, err;
    status = app.exit(error, out, err) == 0 ? 0 : cordon::cli::kUsage;
    cordon::cli::write_output(out.str());
    cordon::cli::write_error(err.str());
  }
  return cordon::cli::finish_output(status);
}

}  // namespace

int main(int argc, char** argv) {
  cordon::supervisor::keep_standard_streams();
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {  // of a library: no memory, text that is no JSON
    std::fprintf(stderr, "cordon: %s\n", error.what());
    return cordon::cli::kUsage;
  }
}
