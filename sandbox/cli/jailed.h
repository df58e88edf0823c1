// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Shared by run, validate, inspect, compile and verify: the options that bound a run in the jail,
// and the messages about its end.
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

// Runs the request by `job`, writes the worker's output to stdout, errors to stderr and the
// report to its target. Returns the exit status. Messages call the module
// `request.module_path`.
using Job = std::function<supervisor::RunReport(const supervisor::RunRequest&)>;
int run_jailed(const JailedOptions& options, const Job& job = supervisor::run);

}  // namespace cordon::cli
