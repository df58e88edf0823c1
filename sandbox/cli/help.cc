// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// cordon help: what --help of a command says.
#include <memory>

#include "sandbox/cli/commands.h"
#include "sandbox/cli/output.h"

namespace cordon::cli {

void add_help(CLI::App& app, int& status) {
  auto name = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("help", "say more about a command");
  command->add_option("COMMAND", *name, "a command; all of them in short if none is named")
      ->type_name("");
  command->callback([name, &app, &status] {
    status = 0;
    if (name->empty()) {  // app.help() would describe the given command, this one
      const auto whole = CLI::AppFormatMode::Normal;
      return write_output(app.get_formatter()->make_help(&app, app.get_name(), whole));
    }
    for (const CLI::App* wanted : app.get_subcommands(nullptr)) {
      if (wanted->get_name() == *name) return write_output(wanted->help(app.get_name()));
    }
    throw CLI::ValidationError("COMMAND", "no command is called \"" + *name + "\"");
  });
}

}  // namespace cordon::cli
