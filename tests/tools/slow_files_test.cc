// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A granted directory on a file system that never answers ([L1]): the deadline holds, the report is
// there, and no process is left once the kernel can let go of those that it keeps waiting.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/fuse.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>

#include <filesystem>
#include <iostream>

#include "tests/kit/file_module.h"
#include "tests/tools/hanging_files.h"
#include "tests/tools/program.h"
#include "tests/wasi/command.h"

namespace cordon::tests {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

struct Request {
  const char* name;
  uint32_t opcode;
  int status;         // of the run
  bool ours = false;  // the supervisor itself waits, for what the user named
};
void PrintTo(const Request& request, std::ostream* out) { *out << request.name; }

bool wait_for_report(const std::string& path) {
  for (const auto end = Clock::now() + 3s; Clock::now() < end; std::this_thread::sleep_for(2ms)) {
    if (fs::exists(path)) return true;
  }
  return false;
}

// What it prints is for the test's log; 0: all is well, 77: no such file system can be had.
int run_on(const Request& request, const testing::TemporaryDirectory& directory) {
  const std::string place = directory.path() / "slow", report = directory.path() / "r.json";
  if (unshare(CLONE_NEWNS) != 0 ||
      mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return 77;
  }
  HangingFiles files(place, request.opcode);
  if (!files.ready()) return 77;
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  const auto start = Clock::now();
  Program program({"run", "--jail=degraded", "--timeout", "1s", "--report", report, "--dir",
                   place + "::/::rw", "--invoke", "f", (directory.path() / "guest.wasm").string()});
  // The kernel keeps a process until the last of its threads has its answer.
  int status = request.ours ? (wait_for_report(report), -1) : program.wait();
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
  const int waiting = files.waiting();
  files.let_go();
  if (request.ours) status = program.wait();
  const bool gone = children_end_within(2s);
  std::cout << request.name << ": status " << status << ", report after " << took.count() << " ms, "
            << waiting << " requests waiting" << (gone ? "" : ", a process is left") << "\n";
  // The deadline and 50 ms; the rest is the program's own start and end on a busy machine.
  const bool in_time = took < (request.status == 124 ? 1300ms : 3000ms);
  return status == request.status && (waiting > 0) == (request.opcode != 0) && gone && in_time ? 0
                                                                                               : 1;
}

// The same with standard output there and no grant: each process that is launched has a copy to
// close.
int run_into(const testing::TemporaryDirectory& directory) {
  const std::string place = directory.path() / "slow", report = directory.path() / "r.json";
  const std::string guest = directory.path() / "guest.wasm";
  if (unshare(CLONE_NEWNS) != 0 ||
      mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return 77;
  }
  HangingFiles files(place, FUSE_FLUSH);
  if (!files.ready()) return 77;
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  const auto start = Clock::now();
  if (fork() == 0) {
    dup2(open((place + "/file").c_str(), O_RDWR), STDOUT_FILENO);
    execl(CORDON_PROGRAM, "cordon", "run", "--jail=degraded", "--timeout", "1s", "--report",
          report.c_str(), "--invoke", "f", guest.c_str(), nullptr);
    _exit(1);
  }
  const bool told = wait_for_report(report);
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
  files.let_go();
  const bool gone = children_end_within(2s);
  std::cout << "report after " << took.count() << " ms" << (gone ? "" : ", a process is left")
            << "\n";
  return told && took < 1300ms && gone ? 0 : 1;
}

class SlowFiles : public ::testing::TestWithParam<Request> {};

// In a process of its own, which has a mount namespace; its status, 77 where that cannot be.
template <class Run>
int apart(const testing::TemporaryDirectory& directory, Run run) {
  if (geteuid() != 0 || access("/dev/fuse", R_OK | W_OK) != 0) return 77;
  directory.write("guest.wasm", testing::file_module());
  fs::create_directory(directory.path() / "slow");
  const pid_t child = fork();
  if (child == 0) {
    const int status = run();
    std::cout.flush();
    _exit(status);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
constexpr const char* kSkip = "needs root and /dev/fuse, to mount a file system of its own";

TEST(SlowOutput, WhatTakesNoCloseHoldsUpNoReport) {  // [L1] [V1]
  testing::TemporaryDirectory directory;
  const int status = apart(directory, [&directory] { return run_into(directory); });
  if (status == 77) GTEST_SKIP() << kSkip;
  EXPECT_EQ(status, 0);
  EXPECT_NE(directory.read("r.json").find("\"timeout\""), std::string::npos);
}

TEST_P(SlowFiles, NoRequestWithoutAnAnswerHoldsUpTheDeadline) {  // [L1]
  testing::TemporaryDirectory directory;
  const int status = apart(directory, [&directory] { return run_on(GetParam(), directory); });
  if (status == 77) GTEST_SKIP() << kSkip;
  EXPECT_EQ(status, 0);
  const char* verdict = GetParam().status == 0 ? "\"exited\"" : "\"timeout\"";
  EXPECT_NE(directory.read("r.json").find(verdict), std::string::npos) << directory.read("r.json");
}

INSTANTIATE_TEST_SUITE_P(
    Fuse, SlowFiles,
    ::testing::Values(Request{"None", 0, 0}, Request{"Lookup", FUSE_LOOKUP, 124},
                      Request{"Open", FUSE_OPEN, 124}, Request{"Read", FUSE_READ, 124},
                      Request{"Write", FUSE_WRITE, 124}, Request{"Fsync", FUSE_FSYNC, 124},
                      Request{"Flush", FUSE_FLUSH, 124}, Request{"Statfs", FUSE_STATFS, 124, true},
                      Request{"OpenDirectory", FUSE_OPENDIR, 124, true}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace cordon::tests
