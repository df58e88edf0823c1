// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What run, validate and inspect share: the options that bound a run in the jail, and how its end
// is told.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "sandbox/supervisor/run.h"

namespace cordon::cli {

// --timeout, --max-memory, --jail and --report, added to `command`; they fill `request` and
// `report_target`.
struct JailedOptions {
  supervisor::RunRequest request;
  std::string report_target;  // "", a file, or "fd:N"

  void add_to(CLI::App& command);
};

// Runs the request, writes what the worker had to say to stdout, complaints to stderr and the
// report to its target. Gives the exit status. `request.module_path` is what messages call the
// module.
int run_jailed(const JailedOptions& options);

}  // namespace cordon::cli
