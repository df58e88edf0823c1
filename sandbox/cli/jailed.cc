// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/cli/jailed.h"

#include <fmt/format.h>

#include <optional>

#include "sandbox/cli/commands.h"
#include "sandbox/cli/options.h"
#include "sandbox/cli/output.h"
#include "sandbox/cli/quantity.h"
#include "sandbox/cli/report_file.h"
#include "sandbox/supervisor/printable.h"

namespace cordon::cli {
namespace {

using supervisor::printable;
using supervisor::RunEnd;
using supervisor::RunReport;

void tell_frames(const RunReport& report) {
  size_t number = 0;
  for (const protocol::Frame& frame : report.frames) {
    std::string name =
        frame.name.empty() ? fmt::format("func {}", frame.func_index) : printable(frame.name);
    write_error(fmt::format("  {:2}: {:#x} {}\n", number++, frame.module_offset, name));
  }
}

void tell(const std::string& subject, const RunReport& report) {
  std::string text = printable(report.text);
  switch (report.end) {
    case RunEnd::Exited: return;
    case RunEnd::Trapped: complain("{}: trap: {}", subject, text); break;
    case RunEnd::Refused: complain("{}: {}", subject, text); break;
    case RunEnd::Timeout: complain("{}: {}", subject, text); break;
    case RunEnd::Violation: complain("{}: jail violation: {}", subject, text); break;
    case RunEnd::Killed: complain("{}: {}", subject, text); break;
    case RunEnd::JailFailed:
      complain("the jail could not be built: {} (see `cordon doctor`)", text);
      break;
    case RunEnd::Interrupted: complain("{}: {}", subject, text); break;
    case RunEnd::BadInput: complain("{}", text); break;
    case RunEnd::Lacking: complain("{}: cordon itself lacks something: {}", subject, text); break;
  }
  tell_frames(report);
}

}  // namespace

void JailedOptions::add_common_to(CLI::App& command) {
  add_quantity(command, "--timeout", parse_duration, request.timeout,
               "end the run after this wall time, compile and start included (2s, 500ms, 1m)");
  add_choice(command, "--jail",
             {{"full", supervisor::JailMode::Full}, {"degraded", supervisor::JailMode::Degraded}},
             request.jail,
             "full: refuse where a layer of the jail is missing (the default); degraded: go on "
             "without it, and say so");
  command.add_option("--report", report_target, "write one JSON object about the run")
      ->type_name("FILE|fd:N");
}

void JailedOptions::add_to(CLI::App& command) {
  add_quantity(command, "--max-memory", parse_size, request.max_memory,
               "most linear memory, in bytes (256M, 1G; default 4G)");
  add_common_to(command);
}

int run_jailed(const JailedOptions& options, const Job& job) {
  std::optional<ReportFile> report_file;
  if (!options.report_target.empty()) {
    auto opened = ReportFile::open(options.report_target);
    if (!opened) {
      complain("{}", opened.error().message());
      return kUsage;
    }
    report_file.emplace(std::move(*opened));
  }
  supervisor::RunRequest request = options.request;
  request.hotness = report_file.has_value();
  const RunReport report = job(request);
  write_output(report.output);
  flush_output();
  for (const std::string& layer : report.missing_layers) {
    complain("this kernel withholds a layer of the jail: {}", layer);
  }
  tell(report.of_code ? request.precompiled_path : request.module_path, report);
  if (report_file) {
    auto written = report_file->write(report_json(options.request, report));
    if (!written) {
      complain("{}", written.error().message());
      return kUsage;
    }
  }
  return report.exit_status();
}

}  // namespace cordon::cli
