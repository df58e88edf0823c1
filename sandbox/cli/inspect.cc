// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// cordon inspect: a module's imports, exports and sizes, read by a jailed worker.
#include <memory>

#include "sandbox/cli/commands.h"
#include "sandbox/cli/jailed.h"

namespace cordon::cli {

void add_inspect(CLI::App& app, int& status) {
  auto options = std::make_shared<JailedOptions>();
  options->request.action = protocol::Action::Inspect;
  CLI::App* command = app.add_subcommand("inspect", "show imports, exports, limits and sizes");
  command->add_option("MODULE", options->request.module_path, "the module; - is standard input")
      ->type_name("")
      ->required();
  command->add_flag("--json", options->request.json, "as one JSON object");
  options->add_to(*command);
  command->footer("Example:\n  cordon inspect --json app.wasm | jq .imports");
  command->callback([options, &status] { status = run_jailed(*options); });
}

}  // namespace cordon::cli
