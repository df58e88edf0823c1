// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/cli/jailed.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "sandbox/cli/commands.h"
#include "sandbox/cli/hints.h"
#include "sandbox/cli/options.h"
#include "sandbox/cli/output.h"
#include "sandbox/cli/quantity.h"
#include "sandbox/cli/report_file.h"
#include "sandbox/supervisor/background.h"
#include "sandbox/supervisor/deadline.h"
#include "sandbox/supervisor/judge.h"
#include "sandbox/supervisor/printable.h"
#include "sandbox/supervisor/signals.h"

namespace cordon::cli {
namespace {

using supervisor::Deadline;
using supervisor::printable;
using supervisor::printable_line;
using supervisor::RunEnd;
using supervisor::RunReport;

// The time after the deadline for what is left: the report, which a file system may delay, and
// messages, which a reader may delay ([L1]).
constexpr std::chrono::milliseconds kReportPatience{1000};
constexpr std::chrono::milliseconds kMessagePatience{20};
// Reserved in the file system before the guest can fill it: no report is larger.
constexpr uint64_t kReportRoom = uint64_t{1} << 20;

// `patience` from now, or the run's deadline if that is later.
Deadline at_least(const Deadline& deadline, std::chrono::nanoseconds patience) {
  return Deadline(Deadline::Clock::now(), std::max(deadline.time_left(), patience));
}

// The messages for people: for standard output, then for standard error. All of it may come from a
// worker, so nothing in it moves a terminal's cursor or forges a line ([P1]).
struct Messages {
  std::string output, errors;

  template <class... T>
  void complain(fmt::format_string<T...> format, T&&... values) {
    errors += "cordon: " + fmt::format(format, std::forward<T>(values)...) + "\n";
  }
};

// "file:12:5", without the parts that are unknown.
std::string place_of(const protocol::SourceLine& line) {
  std::string place = printable_line(line.file);
  if (line.line != 0) place += fmt::format(":{}", line.line);
  if (line.line != 0 && line.column != 0) place += fmt::format(":{}", line.column);
  return place;
}

// The lines of one frame: its own, and those of the functions that it was inlined into.
void tell_lines(const protocol::FrameNames& names, Messages& messages) {
  for (const protocol::SourceLine& line : names.lines) {
    const bool inlined = names.lines.size() > 1 && !line.func.empty();
    const std::string func = inlined ? printable_line(line.func) + " " : "";
    messages.errors += fmt::format("{:8}{}at {}\n", "", func, place_of(line));
  }
}

void tell_frames(const RunReport& report, Messages& messages) {
  for (size_t i = 0; i < report.frames.size(); ++i) {
    const protocol::Frame& frame = report.frames[i];
    const bool explained = i < report.explained.size();
    const std::string& told =
        explained && !report.explained[i].name.empty() ? report.explained[i].name : frame.name;
    const std::string name =
        told.empty() ? fmt::format("func {}", frame.func_index) : printable_line(told);
    messages.errors += fmt::format("  {:2}: {:#x} {}\n", i, frame.module_offset, name);
    if (explained) tell_lines(report.explained[i], messages);
  }
  if (report.unexplained.empty()) return;
  messages.errors += fmt::format("  (names and source lines could not be read: {})\n",
                                 printable_line(report.unexplained));
}

void tell(const std::string& subject, const std::string& hint, const RunReport& report,
          Messages& messages) {
  const std::string text = printable_line(report.text + hint);
  switch (report.end) {
    case RunEnd::Exited: return;
    case RunEnd::Trapped: messages.complain("{}: trap: {}", subject, text); break;
    case RunEnd::Violation: messages.complain("{}: jail violation: {}", subject, text); break;
    case RunEnd::Refused:
    case RunEnd::Timeout:
    case RunEnd::Killed:
    case RunEnd::Interrupted: messages.complain("{}: {}", subject, text); break;
    case RunEnd::JailFailed:
      messages.complain("the jail could not be built: {} (see `cordon doctor`)", text);
      break;
    case RunEnd::BadInput: messages.complain("{}", text); break;
    case RunEnd::Lacking: messages.complain("cordon itself lacks something: {}", text); break;
  }
  tell_frames(report, messages);
}

Messages messages_of(const supervisor::RunRequest& request, const RunReport& report) {
  Messages messages;
  messages.output = printable(report.output);
  for (const std::string& layer : report.missing_layers) {
    messages.complain("this kernel withholds a layer of the jail: {}", layer);
  }
  if (!report.cache.why.empty()) {
    messages.complain("--cache: {}", printable_line(report.cache.why));
  }
  const std::string& input = report.of_code ? request.precompiled_path : request.module_path;
  tell(input == supervisor::kStandardInput ? "standard input" : printable_line(input),
       hint_for(request, report), report, messages);
  return messages;
}

// Adds a failure, or a target that does not respond, to the messages. True if it was written.
bool write_report(ReportFile file, const std::string& json, const Deadline& deadline,
                  Messages& messages) {
  auto shared = std::make_shared<ReportFile>(std::move(file));
  auto written = supervisor::within<bool>(at_least(deadline, kReportPatience),
                                          [shared, json]() -> Result<bool> {
                                            TRY_VOID(shared->write(json));
                                            return true;
                                          });
  if (written && *written) return true;
  messages.complain("{}",
                    written ? written->error().message() : "--report: the target accepts no data");
  return false;
}

// Writes the part of `text` that the reader accepts until `deadline`. A pipe that has room at all
// accepts this much without blocking.
void write_until(const Deadline& deadline, int fd, std::string_view text) {
  while (!text.empty()) {
    pollfd wait{fd, POLLOUT, 0};
    const timespec left = deadline.left();
    if (ppoll(&wait, 1, &left, nullptr) != 1) return;
    const ssize_t taken = write(fd, text.data(), std::min<size_t>(text.size(), PIPE_BUF));
    if (taken <= 0) return;
    text.remove_prefix(static_cast<size_t>(taken));
  }
}

// Ends the process if they are not read in time: the blocked thread would delay a normal exit.
void write_messages(Messages messages, const Deadline& deadline, int status) {
  if (messages.output.empty() && messages.errors.empty()) return;
  const auto shared = std::make_shared<const Messages>(std::move(messages));
  auto written =
      supervisor::within<bool>(at_least(deadline, kMessagePatience), [shared]() -> Result<bool> {
        write_output(shared->output);
        flush_output();
        write_error(shared->errors);
        return true;
      });
  if (!written) _exit(status);
  if (*written) return;
  // The kernel can start no thread, and most likely that is the failure to report.
  const Deadline patience(Deadline::Clock::now(), kReportPatience);
  write_until(patience, STDOUT_FILENO, shared->output);
  write_until(patience, STDERR_FILENO, shared->errors);
}

// Ends like other programs that such a signal ends, so that a shell can see it.
[[noreturn]] void end_by(int signal) {
  struct sigaction act{};
  act.sa_handler = SIG_DFL;
  (void)sigaction(signal, &act, nullptr);
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, signal);
  (void)raise(signal);
  (void)pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
  _exit(128 + signal);
}

std::optional<Result<ReportFile>> open_report(const std::string& target, const Deadline& deadline) {
  return supervisor::within<ReportFile>(deadline, [target]() -> Result<ReportFile> {
    auto file = TRY(ReportFile::open(target));
    TRY_VOID(file.reserve(kReportRoom));
    return file;
  });
}

}  // namespace

void JailedOptions::add_common_to(CLI::App& command) {
  add_quantity(
      command, "--timeout", parse_duration, request.timeout,
      "end the run after this wall time, compile and start included (2s, 500ms, 1m; default " +
          duration_text(supervisor::kDefaultTimeout) +
          "); the clock does not stop while the run is stopped (Ctrl-Z)");
  add_choice(command, "--jail",
             {{"full", supervisor::JailMode::Full}, {"degraded", supervisor::JailMode::Degraded}},
             request.jail,
             "full: refuse if a layer of the jail is missing (the default); degraded: run "
             "without it, and report it");
  command.add_option("--report", report_target, "write one JSON object about the run")
      ->check(not_empty())
      ->type_name("FILE|fd:N|-");
}

void JailedOptions::add_to(CLI::App& command) {
  add_quantity(command, "--max-memory", parse_size, request.max_memory,
               "most linear memory, in bytes (256M, 1G; default " +
                   size_text(supervisor::kDefaultMaxMemory) +
                   "); a module that begins with more is refused, and a run that grows beyond it "
                   "ends with status 137, unless --at-max-memory=fail");
  add_common_to(command);
}

// The report comes first ([V1]): its reader does not wait for the reader of the messages.
int run_jailed(const JailedOptions& options, const Job& job) {
  const Deadline deadline(Deadline::Clock::now(), options.request.timeout);
  std::optional<ReportFile> report_file;
  if (!options.report_target.empty()) {
    auto opened = open_report(options.report_target, deadline);
    if (!opened || !*opened) {
      complain("{}", opened ? opened->error().message() : "--report: the target does not answer");
      return opened ? supervisor::judge_failure(opened->error(), true).exit_status() : kUsage;
    }
    report_file.emplace(std::move(**opened));
  }
  auto signals = supervisor::Signals::take();
  if (!signals) {
    complain("{}", signals.error().message());
    return kLacking;
  }
  supervisor::RunRequest request = options.request;
  request.hotness = report_file.has_value();
  request.signals = &*signals;
  const RunReport report = job(request);
  Messages messages = messages_of(request, report);
  int status = report.exit_status();
  // If both go to one stream, the results come before the report.
  const bool one_stream = options.report_target == "-" || options.report_target == "fd:1";
  if (one_stream) {
    write_messages({.output = std::exchange(messages.output, {}), .errors = {}}, deadline, status);
  }
  if (report_file && !write_report(std::move(*report_file), report_json(options.request, report),
                                   deadline, messages)) {
    status = kLacking;
  }
  write_messages(std::move(messages), deadline, status);
  if (report.end == RunEnd::Interrupted) {
    flush_output();
    end_by(report.signal);
  }
  return status;
}

}  // namespace cordon::cli
