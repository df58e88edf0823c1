// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How a run ends when the world around it is unkind: the deadline holds, the report is there and
// true ([L1] [V1]), whatever the caller, a reader, a disk or a stopped process does.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/kit/processes.h"
#include "tests/tools/program.h"

namespace cordon::tests {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

struct EndTest : ::testing::Test {
  EndTest() {
    directory.write("endless.wasm", endless_module());
    directory.write("trap.wasm", trapping_module());
  }
  std::vector<std::string> run(const std::string& module,
                               const std::string& timeout = "10s") const {
    return {"run",          "--jail=degraded", "--timeout", timeout,     "--report",
            path("r.json"), "--invoke",        "f",         path(module)};
  }
  std::string path(const std::string& name) const { return (directory.path() / name).string(); }
  bool reported(const std::string& verdict) const {
    return directory.read("r.json").find("\"verdict\": \"" + verdict + "\"") != std::string::npos;
  }
  // Until the run worker of `program` burns time.
  void wait_for_guest(const Program& program) const {
    for (int i = 0; i < 1000; ++i, std::this_thread::sleep_for(5ms)) {
      for (const testing::Process& child : testing::children_of(program.pid())) {
        if (child.name == "cordon-run-work" && child.state == 'R') return;
      }
    }
    ADD_FAILURE() << "no guest runs";
  }
  testing::TemporaryDirectory directory;
};

TEST_F(EndTest, ASignalEndsTheRunAndTheReportSaysSo) {
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) {
    Program program(run("endless.wasm"));
    wait_for_guest(program);
    kill(program.pid(), signal);
    EXPECT_EQ(program.wait(), 256 + signal) << "ended as by the signal";
    EXPECT_TRUE(reported("interrupted")) << directory.read("r.json");
    EXPECT_EQ(directory.entries(), 3u) << "nothing but the modules and the report";
  }
}

TEST_F(EndTest, ACallerThatIgnoresSIGCHLDGetsTheVerdict) {
  Program program(run("trap.wasm"), [] {
    Program::quiet();
    signal(SIGCHLD, SIG_IGN);
  });
  EXPECT_EQ(program.wait(), 134);
  EXPECT_TRUE(reported("trapped"));
}

TEST_F(EndTest, MessagesNeverLandInTheReportWhereStreamsAreClosed) {
  Program program(run("trap.wasm"), [] {
    for (int fd = 0; fd < 3; ++fd) close(fd);
  });
  EXPECT_EQ(program.wait(), 134);
  const std::string report = directory.read("r.json");
  EXPECT_TRUE(report.starts_with("{\n") && report.ends_with("}\n")) << report;
  EXPECT_TRUE(reported("trapped"));
}

TEST_F(EndTest, AReaderThatDoesNotReadHoldsUpNothing) {  // [L1]
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
  const std::string block(4096, 'x');
  while (write(ends[1], block.data(), block.size()) > 0) {
  }
  ASSERT_EQ(fcntl(ends[1], F_SETFL, 0), 0);
  auto soonest = Clock::duration::max();
  for (int tries = 0; tries < 5 && soonest > 1250ms; ++tries) {
    const auto start = Clock::now();
    Program program(run("endless.wasm", "1s"), [&] {
      Program::quiet();
      dup2(ends[1], STDERR_FILENO);
    });
    EXPECT_EQ(program.wait(), 124);
    soonest = std::min<Clock::duration>(soonest, Clock::now() - start);
    EXPECT_TRUE(reported("timeout"));
  }
  EXPECT_LE(soonest, 1250ms);  // its own start included
  close(ends[0]);
  close(ends[1]);
}

// [L1] Beneath a supervisor that is stopped there is the watchdog.
TEST_F(EndTest, TheDeadlineHoldsWhileTheSupervisorIsStopped) {
  Program program(run("endless.wasm", "1s"));
  wait_for_guest(program);
  kill(program.pid(), SIGSTOP);
  std::this_thread::sleep_for(1300ms);
  for (const testing::Process& child : testing::children_of(program.pid())) {
    EXPECT_NE(child.state, 'R') << child.name;
  }
  kill(program.pid(), SIGCONT);
  EXPECT_EQ(program.wait(), 124);
  EXPECT_TRUE(reported("timeout"));
}

// A guest, or another process, that fills the disk does not take the room of the report.
TEST_F(EndTest, AFullDiskKeepsNoReportFromBeingWritten) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root, to mount a disk of its own";
  pid_t child = fork();
  if (child == 0) {
    if (unshare(CLONE_NEWNS) != 0 ||
        mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
      _exit(98);
    }
    fs::create_directory(path("disk"));
    if (mount("none", path("disk").c_str(), "tmpfs", 0, "size=2m") != 0) _exit(98);
    auto arguments = run("endless.wasm", "1s");
    arguments[5] = path("disk") + "/r.json";
    Program program(arguments);
    wait_for_guest(program);
    std::ofstream(path("disk") + "/full") << std::string(size_t{4} << 20, 'x');
    const int status = program.wait();
    std::ifstream in(path("disk") + "/r.json");
    const std::string report((std::istreambuf_iterator<char>(in)), {});
    _exit(status == 124 && report.find("\"timeout\"") != std::string::npos ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

// [F1] What is put in the report's place meanwhile, a directory or a link, does not keep it away.
TEST_F(EndTest, ThePlaceOfTheReportIsTakenBack) {
  for (const bool link : {false, true}) {
    fs::remove_all(path("r.json"));
    Program program(run("endless.wasm", "600ms"));
    wait_for_guest(program);
    if (link) {
      fs::create_symlink(path("endless.wasm"), path("r.json"));
    } else {
      fs::create_directories(path("r.json") + "/deep");
    }
    EXPECT_EQ(program.wait(), 124);
    EXPECT_TRUE(reported("timeout"));
  }
}

// [V1] Too few descriptors for Cordon itself is no fault of the module.
TEST_F(EndTest, AShortageOfCordonsOwnHasStatusThree) {
  int lacking = 0;
  for (rlim_t most = 6; most < 24; ++most) {
    fs::remove_all(path("r.json"));
    Program program(run("trap.wasm"), [most] {
      Program::quiet();
      const rlimit few{most, most};
      setrlimit(RLIMIT_NOFILE, &few);
    });
    const int status = program.wait();
    EXPECT_TRUE(status == 3 || status == 134 || status == 2) << most << ": " << status;
    if (status == 3) ++lacking;
    if (status == 3 && fs::exists(path("r.json"))) EXPECT_TRUE(reported("lacking"));
  }
  EXPECT_GT(lacking, 3);
}

}  // namespace
}  // namespace cordon::tests
