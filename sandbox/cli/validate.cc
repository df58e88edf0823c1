// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// cordon validate: whether Cordon would run this module. A jailed worker reads it, as it reads
// every untrusted file.
#include <memory>

#include "sandbox/cli/commands.h"
#include "sandbox/cli/jailed.h"

namespace cordon::cli {

void add_validate(CLI::App& app, int& status) {
  auto options = std::make_shared<JailedOptions>();
  options->request.action = protocol::Action::Validate;
  CLI::App* command = app.add_subcommand("validate", "check that a module is valid");
  command->add_option("MODULE", options->request.module_path, "the module; - is standard input")
      ->type_name("")
      ->required();
  options->add_to(*command);
  command->footer(
      "Silent with status 0 if it is; otherwise status 1 and the first error with its offset.\n"
      "Example:\n  cordon validate app.wasm && echo fine");
  command->callback([options, &status] { status = run_jailed(*options); });
}

}  // namespace cordon::cli
