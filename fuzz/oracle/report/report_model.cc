// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/oracle/report/report_model.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/base/os/fd.h"
#include "core/embed/jit_code_source.h"
#include "core/engine/pipeline.h"
#include "fuzz/oracle/finding.h"
#include "sandbox/cli/jailed.h"
#include "sandbox/cli/report_file.h"
#include "sandbox/protocol/exit_status.h"
#include "sandbox/run_worker/perf_map.h"
#include "sandbox/supervisor/judge.h"
#include "sandbox/supervisor/printable.h"
#include "tests/kit/module_builder.h"

namespace cordon::fuzz {
namespace {

using supervisor::RunEnd;
using supervisor::RunReport;

std::string contents_of(int file) {
  std::string text(static_cast<size_t>(::lseek(file, 0, SEEK_END)), '\0');
  expect(::pread(file, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()),
         "what was written cannot be read");
  return text;
}

// A piece of text, and how it may reach a terminal.
struct Piece {
  std::string_view text;
  bool is_safe;
};
constexpr Piece kPieces[] = {{"name", true},
                             {" ", true},
                             {"\xc3\xa9", true},
                             {"\xe2\x82\xac", true},
                             {"\xf0\x9f\x98\x80", true},
                             {"\xc2\xa0", true},
                             {"\xef\xbf\xbd", true},
                             {"\\x1b", true},
                             {"\"}", true},
                             {"\x1b[2J", false},
                             {"\r", false},
                             {"\x7f", false},
                             {"\xc2\x80", false},
                             {"\xc2\x9b", false},
                             {"\xc2\x9f", false},
                             {"\xe2\x80\xa8", false},
                             {"\xe2\x80\xa9", false},
                             {"\xe2\x80\x8e", false},
                             {"\xe2\x80\xaa", false},
                             {"\xe2\x80\xae", false},
                             {"\xe2\x81\xa6", false},
                             {"\xe2\x81\xa9", false},
                             {"\xd8\x9c", false},
                             {"\xff", false},
                             {"\xc0\xaf", false},
                             {"\xed\xa0\x80", false},
                             {"\xf4\x90\x80\x80", false},
                             {"\xe2\x80", false},
                             {"\x80", false}};

// In a piece that begins with ESC only that byte is escaped.
std::string escaped(std::string_view text) {
  const bool one = text[0] == '\x1b';
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (one && i > 0) {
      out += text[i];
    } else {
      out += fmt::format("\\x{:02x}", static_cast<uint8_t>(text[i]));
    }
  }
  return out;
}

std::string hostile_text(Choices& choices) {
  std::string text;
  for (uint32_t i = choices.below(5); i > 0; --i) {
    text += choices.once_in(4) ? "\n  9: 0xdead forged" : choices.of(kPieces).text;
  }
  return text;
}

// The output of run_jailed() to standard error about this report.
std::string messages_about(const RunReport& report) {
  const int file = ::memfd_create("messages", MFD_CLOEXEC), kept = ::dup(STDERR_FILENO);
  ::dup2(file, STDERR_FILENO);
  cli::JailedOptions options;
  options.request.module_path = "module";
  const int status = cli::run_jailed(options, [&](const auto&) { return report; });
  ::dup2(kept, STDERR_FILENO);
  const std::string text = contents_of(file);
  ::close(file);
  ::close(kept);
  expect(status == report.exit_status(), "another exit status than the report's");
  return text;
}

void check_messages(const RunReport& report) {
  const std::string text = messages_about(report);
  size_t lines = 1 + report.frames.size() + (report.unexplained.empty() ? 0 : 1);
  for (size_t i = 0; i < std::min(report.frames.size(), report.explained.size()); ++i) {
    lines += report.explained[i].lines.size();
  }
  expect(static_cast<size_t>(std::ranges::count(text, '\n')) == lines, "a forged line: " + text);
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    expect(byte == '\n' || (byte >= 0x20 && byte != 0x7F), "a control character in a message");
  }
}

supervisor::WorkerEnd draw_end(Choices& choices) {
  constexpr int kCodes[] = {CLD_EXITED, CLD_EXITED, CLD_EXITED, CLD_KILLED, CLD_DUMPED, 0};
  constexpr int kStatuses[] = {0, 1, 2, protocol::kExitEscape, protocol::kExitNoMemory, 77};
  constexpr int kSignals[] = {SIGKILL, SIGSYS, SIGSEGV, SIGABRT};
  supervisor::WorkerEnd end;
  end.code = choices.of(kCodes);
  end.status = end.code == CLD_EXITED ? (choices.below(2) == 0 ? 0 : choices.of(kStatuses))
               : end.code == 0        ? 0
                                      : choices.of(kSignals);
  end.killed_by_us = end.code == CLD_KILLED && end.status == SIGKILL && choices.below(2) == 0;
  return end;
}

supervisor::WorkerFacts draw_facts(Choices& choices) {
  supervisor::WorkerFacts facts;
  facts.there = true;
  if (choices.once_in(4)) facts.violation = supervisor::Breach{"did what it must not", ""};
  if (choices.once_in(8)) facts.jail_failure = "a step";
  if (choices.once_in(8)) facts.shortage = "descriptors";
  facts.end = draw_end(choices);
  return facts;
}

bool was_crash(const supervisor::WorkerFacts& worker) {
  return (worker.end.code == CLD_KILLED || worker.end.code == CLD_DUMPED) &&
         !worker.end.killed_by_us;
}

}  // namespace

void check_printable(Choices& choices) {
  std::string text, lines, line;
  for (uint32_t i = choices.below(8); i > 0; --i) {
    const Piece& piece = choices.of(kPieces);
    // A byte that continues what another piece has begun would make another character.
    if (!text.empty() && static_cast<uint8_t>(piece.text[0]) >> 6 == 2) continue;
    text += piece.text;
    const std::string shown = piece.is_safe ? std::string(piece.text) : escaped(piece.text);
    lines += shown;
    line += shown;
    if (!choices.once_in(4)) continue;
    text += '\n';
    lines += '\n';
    line += "\\x0a";
  }
  expect(supervisor::printable(text) == lines, "text is shown otherwise: " + lines);
  expect(supervisor::printable_line(text) == line, "a line is shown otherwise: " + line);
}

void check_report(Choices& choices) {
  RunReport report;
  constexpr RunEnd kEnds[] = {RunEnd::Trapped, RunEnd::Refused, RunEnd::Violation, RunEnd::Timeout};
  report.end = choices.of(kEnds);
  report.exit_code = choices.below(600);
  report.name = hostile_text(choices);
  report.text = hostile_text(choices);
  report.syscall = hostile_text(choices);
  report.unexplained = hostile_text(choices);
  for (uint32_t i = choices.below(4); i > 0; --i) {
    report.frames.push_back({choices.below(9), choices.below(999), hostile_text(choices)});
  }
  for (uint32_t i = choices.below(3); i > 0; --i) {
    report.explained.push_back({i, hostile_text(choices), {}});
    if (choices.below(2) == 0) {
      report.explained.back().lines.push_back({hostile_text(choices), hostile_text(choices), 1, 2});
    }
  }
  supervisor::RunRequest request;
  request.args = {hostile_text(choices)};
  const std::string json = cli::report_json(request, report);
  expect(nlohmann::json::accept(json), "a report that is no JSON");
  check_messages(report);
  report.end = RunEnd::Exited;
  const int status = report.exit_status();
  expect(status >= 0 && status <= 255, "no exit status");
  expect((status == 0) == (report.exit_code == 0), "a failure that looks like success");
  expect(report.exit_code > 255 || static_cast<uint32_t>(status) == report.exit_code,
         "another exit status than the guest's");
}

void check_perf_map(Choices& choices) {
  constexpr uint32_t kFuncs = 3;
  testing::ModuleBuilder module;
  for (uint32_t i = 0; i < kFuncs; ++i) {
    module.func_name(module.func({}, {}), hostile_text(choices));
  }
  const std::vector<uint8_t> bytes = module.build();
  embed::JitCodeSource jit;
  engine::Config config;
  config.engine = engine::Engine::Jit;
  config.code_source = &jit;
  const auto loaded = engine::load(bytes, config);
  expect(loaded.has_value(), "a module of empty functions is refused");
  const Fd file(::memfd_create("perf", MFD_CLOEXEC));
  expect(run_worker::write_perf_map(file.get(), *loaded->module, *loaded->code).has_value(),
         "no perf map");
  std::istringstream lines(contents_of(file.get()));
  uint32_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const auto is_plain = [](char c) { return c >= ' ' && c <= '~'; };
    expect(std::ranges::all_of(line, is_plain), "a perf map has what a terminal must not get");
    std::istringstream words(line);
    std::string address, size, wasm;
    uint32_t func = kFuncs;
    words >> address >> size >> wasm >> func;
    expect(wasm == "wasm" && func == count, "a forged line in a perf map: " + line);
  }
  expect(count == kFuncs, "another number of lines in a perf map");
}

void check_judge(Choices& choices) {
  const supervisor::RunRequest request;
  supervisor::SessionEnd session;
  protocol::Verdict verdict;
  verdict.outcome = static_cast<protocol::Outcome>(choices.below(4));
  if (choices.below(4) != 0) session.verdict = verdict;
  session.timed_out = choices.once_in(8);
  if (choices.once_in(8)) session.interrupted = SIGINT;
  const supervisor::WorkerFacts worker = draw_facts(choices);
  const supervisor::WorkerFacts compiler =
      choices.below(2) == 0 ? supervisor::WorkerFacts{} : draw_facts(choices);
  const supervisor::WorkerFacts broker =
      choices.below(2) == 0 ? supervisor::WorkerFacts{} : draw_facts(choices);
  const RunReport report = supervisor::judge(session, worker, compiler, request, broker);
  bool violated = false, any_crash = false, killed = false;
  for (const auto* one : {&worker, &compiler, &broker}) {
    violated |= one->violation.has_value();
    any_crash |= was_crash(*one);
    killed |= was_crash(*one) && one->end.status == SIGKILL;
  }
  const bool is_violation = report.end == RunEnd::Violation, is_kill = report.end == RunEnd::Killed;
  if (violated || any_crash) {
    return expect(is_violation || (killed && is_kill), "what a worker did is not held against it");
  }
  if (session.timed_out) return expect(report.end == RunEnd::Timeout, "no timeout");
  if (session.interrupted != 0) return expect(report.end == RunEnd::Interrupted, "no interrupt");
  for (const auto* one : {&worker, &compiler, &broker}) {
    if (!one->jail_failure.empty() || !one->shortage.empty()) {
      return expect(report.end == RunEnd::JailFailed || report.end == RunEnd::Lacking, "no lack");
    }
  }
  const bool is_honest = worker.end.code == CLD_EXITED && worker.end.status == 0;
  const bool is_belied = !session.verdict || !is_honest;
  constexpr RunEnd kOf[] = {RunEnd::Exited, RunEnd::Trapped, RunEnd::Refused, RunEnd::Lacking};
  if (!is_belied) {
    return expect(report.end == kOf[static_cast<size_t>(verdict.outcome)], "another verdict");
  }
  const bool no_memory = worker.end.status == protocol::kExitNoMemory;
  expect(is_violation || (no_memory && report.end == RunEnd::Refused),
         "a verdict holds though its worker's end belies it");
}

}  // namespace cordon::fuzz
