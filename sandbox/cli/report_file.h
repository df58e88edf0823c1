// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// --report: one JSON object about a run, to a file (beside it first, then renamed: a reader never
// sees half of it) or to an open descriptor.
#pragma once

#include <string>

#include "core/base/os/fd.h"
#include "core/base/result.h"
#include "sandbox/supervisor/run.h"

namespace cordon::cli {

// The report as JSON text, with a newline. Fields: docs/report.md.
std::string report_json(const supervisor::RunRequest& request, const supervisor::RunReport& report);

class ReportFile {
 public:
  // `target` is a path or "fd:N". Opened before the run, so that a run whose report can not be
  // written does not start.
  static Result<ReportFile> open(const std::string& target);
  ReportFile(ReportFile&&) = default;
  ReportFile& operator=(ReportFile&&) = delete;
  ~ReportFile();

  Result<void> write(const std::string& json);

 private:
  ReportFile(Fd fd, std::string beside, std::string path)
      : fd_(std::move(fd)), beside_(std::move(beside)), path_(std::move(path)) {}
  Fd fd_;
  std::string beside_;  // the temporary name, empty for fd:N and once renamed
  std::string path_;
};

}  // namespace cordon::cli
