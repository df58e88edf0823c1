// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// cordon verify: whether this machine code is safe to run for this module. A jailed worker reads
// both, with the verifier that precedes every run ([W3]); nothing is made executable.
#include <fmt/format.h>

#include <memory>

#include "sandbox/cli/commands.h"
#include "sandbox/cli/jailed.h"

namespace cordon::cli {
namespace {

supervisor::RunReport verify(const supervisor::RunRequest& request) {
  supervisor::RunReport report = supervisor::run(request);
  if (report.end == supervisor::RunEnd::Exited) {
    report.output = fmt::format("{}: verified: {} functions, {} bytes of code in {:.1f} ms\n",
                                request.precompiled_path, report.code_funcs, report.code_bytes,
                                static_cast<double>(report.verify_ns) / 1e6);
  }
  return report;
}

}  // namespace

void add_verify(CLI::App& app, int& status) {
  auto options = std::make_shared<JailedOptions>();
  options->request.action = protocol::Action::Verify;
  CLI::App* command = app.add_subcommand("verify", "check a compiled file against its module");
  command->add_option("MODULE", options->request.module_path, "the module; - is standard input")
      ->type_name("")
      ->required();
  command->add_option("BLOB", options->request.precompiled_path, "what `cordon compile` made of it")
      ->type_name("")
      ->required();
  options->add_common_to(*command);
  command->footer(
      "Status 0 if the code may run; otherwise 1 and the first rule that it breaks: its tag in\n"
      "docs/invariants.md, what was found, the function, the instruction's bytes and the offset "
      "in\n"
      "the code, and the rule's name. docs/verifier.md has the argument for each rule.\n"
      "Example:\n  cordon verify app.wasm app.cordon");
  command->callback([options, &status] { status = run_jailed(*options, verify); });
}

}  // namespace cordon::cli
