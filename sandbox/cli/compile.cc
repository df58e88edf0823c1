// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// cordon compile: writes a module's machine code into a file, made by the jailed compile worker.
// The code is copied unread: a run worker verifies it before it is run ([W3]).

#include <memory>

#include "sandbox/cli/commands.h"
#include "sandbox/cli/jailed.h"
#include "sandbox/cli/new_file.h"
#include "sandbox/cli/options.h"
#include "sandbox/cli/output.h"
#include "sandbox/supervisor/precompile.h"

namespace cordon::cli {
namespace {

struct CompileOptions : JailedOptions {
  std::string output;
  bool fuel = false;
};

int compile(CompileOptions& options) {
  supervisor::RunRequest& request = options.request;
  request.engine = protocol::Engine::Jit;
  if (options.fuel) request.fuel = 0;  // the code depends only on whether there is a limit
  // Before the compile, whose work would be lost otherwise.
  auto file = NewFile::create(options.output);
  if (!file) {
    complain("{}", file.error().message());
    return kUsage;
  }
  const auto job = [&](const supervisor::RunRequest& wanted) {
    supervisor::Precompiled made = supervisor::precompile(wanted);
    if (made.code.valid()) {
      Result<void> written = file->copy(made.code.get());
      if (written) written = file->put_in_place(NewFile::Sync::Yes);
      if (!written) {
        made.report.end = supervisor::RunEnd::Lacking;
        made.report.text = written.error().message();
      }
    }
    return std::move(made.report);
  };
  return run_jailed(options, job);
}

}  // namespace

void add_compile(CLI::App& app, int& status) {
  auto options = std::make_shared<CompileOptions>();
  CLI::App* command = app.add_subcommand("compile", "compile a module into a file, in the jail");
  command->add_option("MODULE", options->request.module_path, "the module; - is standard input")
      ->type_name("")
      ->required();
  command
      ->add_option("-o,--output", options->output,
                   "the file to write, whole or not at all; - is standard output")
      ->check(not_empty())
      ->type_name("BLOB")
      ->required();
  command->add_flag("--fuel", options->fuel, "code that counts fuel, for `cordon run --fuel`");
  options->add_common_to(*command);
  command->footer(
      "The file is for this version of Cordon. It need not be trusted: each run verifies "
      "it.\n"
      "Exit status: 0, 1 module refused, 2 usage, no such input or no jail, 3 cordon itself lacked "
      "something,\n124 timeout, 159 jail violation.\n"
      "Examples:\n"
      "  cordon compile -o app.cordon app.wasm\n"
      "  cordon verify app.wasm app.cordon\n"
      "  cordon run --precompiled app.cordon app.wasm");
  command->callback([options, &status] { status = compile(*options); });
}

}  // namespace cordon::cli
