// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// --report: one JSON object about a run, to a file (new_file.h: a reader never sees half of it, and
// a guest never reaches it) or to an open descriptor.
#pragma once

#include <string>

#include "core/base/result.h"
#include "sandbox/cli/new_file.h"
#include "sandbox/supervisor/run.h"

namespace cordon::cli {

// The report as JSON text, with a newline. Fields: docs/report.md.
std::string report_json(const supervisor::RunRequest& request, const supervisor::RunReport& report);

// Used in this order: open, reserve, write, once each. Failures name the target.
class ReportFile {
 public:
  // `target` is a path, "fd:N" or "-", which is standard output. Opened before the run, so that a
  // run whose report cannot be written does not start.
  static Result<ReportFile> open(const std::string& target);
  // Reserves room for the report, before a guest can fill the disk.
  Result<void> reserve(uint64_t size) { return file_.reserve(size); }
  Result<void> write(const std::string& json);

 private:
  explicit ReportFile(NewFile file) : file_(std::move(file)) {}
  NewFile file_;
};

}  // namespace cordon::cli
