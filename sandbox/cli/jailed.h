// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What run, validate, inspect, compile and verify share: the options that bound a run in the jail,
// and how its end is told.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "sandbox/supervisor/run.h"

namespace cordon::cli {

// Options added to `command`; they fill `request` and `report_target`.
struct JailedOptions {
  supervisor::RunRequest request;
  std::string report_target;  // "", a file, or "fd:N"

  // --timeout, --jail and --report.
  void add_common_to(CLI::App& command);
  // These and --max-memory.
  void add_to(CLI::App& command);
};

// Runs the request by `job`, writes what the worker had to say to stdout, complaints to stderr and
// the report to its target. Gives the exit status. `request.module_path` is what messages call the
// module.
using Job = std::function<supervisor::RunReport(const supervisor::RunRequest&)>;
int run_jailed(const JailedOptions& options, const Job& job = supervisor::run);

}  // namespace cordon::cli
