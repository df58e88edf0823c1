// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which process outlives which: deadlines, kills from outside, a supervisor that dies ([J3] [L1]).
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <thread>

#include "sandbox/supervisor/inputs.h"
#include "tests/escape/support.h"
#include "tests/kit/processes.h"

namespace cordon::escape {
namespace {

using namespace std::chrono_literals;
using supervisor::RunEnd;
namespace fs = std::filesystem;

// The pid of the hostile worker that descends from `ancestor`, once there is one.
pid_t wait_for_worker(pid_t ancestor) {
  for (int i = 0; i < 2000; ++i) {
    for (const testing::Process& worker : testing::all_processes()) {
      if (worker.name != "cordon-hostile-") continue;
      std::optional<testing::Process> up = worker;
      for (int depth = 0; depth < 4 && up; ++depth) {
        if (up->parent == ancestor) return worker.pid;
        up = testing::look_at(up->parent);
      }
    }
    std::this_thread::sleep_for(1ms);
  }
  return -1;
}

struct Lifecycle : ::testing::Test {
  Lifecycle() {
    adopt_orphans();
    children = count_children();
  }
  ~Lifecycle() override { EXPECT_TRUE(children_become(children, 2s)) << "a process is left"; }

  // Runs `attack` and does `something` to its worker once the jail is closed.
  supervisor::RunReport disturb(const std::string& attack, std::chrono::nanoseconds timeout,
                                const std::function<void(pid_t)>& something) {
    std::thread other([&] {
      pid_t worker = wait_for_worker(getpid());
      ASSERT_GT(worker, 0);
      std::this_thread::sleep_for(50ms);
      something(worker);
    });
    auto report = run_hostile({"guest", attack}, timeout);
    other.join();
    return report;
  }
  int children;
};

// Not every try: a machine that is busy with other tests may wake the supervisor late.
TEST_F(Lifecycle, AnEndlessLoopEndsWithinFiftyMillisecondsOfItsDeadline) {  // [L1]
  uint64_t soonest = UINT64_MAX;
  for (int tries = 0; tries < 5 && soonest > 550'000'000; ++tries) {
    auto report = run_hostile({"guest", "spin_forever"}, 500ms);
    EXPECT_EQ(report.end, RunEnd::Timeout) << describe(report);
    EXPECT_EQ(report.exit_status(), 124);
    EXPECT_GE(report.wall_ns, 500'000'000U);
    soonest = std::min(soonest, report.wall_ns);
  }
  EXPECT_LE(soonest, 550'000'000U);
}

TEST_F(Lifecycle, ADeadlineBeforeTheJailIsBuiltHoldsToo) {  // [L1]
  for (auto timeout : {0ns, 1ns, 100'000ns, 1'000'000ns}) {
    auto report = run_hostile({"guest", "spin_forever"}, timeout);
    EXPECT_EQ(report.end, RunEnd::Timeout) << describe(report);
    EXPECT_LE(report.wall_ns, 500'000'000U);
  }
}

TEST_F(Lifecycle, ASilentFifoAsModuleEndsByTheDeadline) {  // [L1]
  auto request = hostile_request({"guest", "spin_forever"}, 200ms);
  std::string fifo = request.module_path + ".fifo";
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  request.module_path = fifo;
  auto report = supervisor::run(request);
  fs::remove(fifo);
  EXPECT_EQ(report.end, RunEnd::Timeout);
  EXPECT_LE(report.wall_ns, 1'000'000'000U);
}

TEST_F(Lifecycle, AWorkerKilledFromOutsideIsSaidToBe) {
  auto report = disturb("spin_forever", 10s, [](pid_t worker) { kill(worker, SIGKILL); });
  EXPECT_EQ(report.end, RunEnd::Killed) << describe(report);
  EXPECT_EQ(report.signal, SIGKILL);
  EXPECT_EQ(report.exit_status(), 137);
  EXPECT_NE(report.text.find("killed from outside"), std::string::npos);
}

TEST_F(Lifecycle, AStoppedWorkerEndsByTheDeadline) {  // [L1]
  uint64_t soonest = UINT64_MAX;
  for (int tries = 0; tries < 5 && soonest > 650'000'000; ++tries) {
    auto report = disturb("spin_forever", 600ms, [](pid_t worker) { kill(worker, SIGSTOP); });
    EXPECT_EQ(report.end, RunEnd::Timeout) << describe(report);
    soonest = std::min(soonest, report.wall_ns);
  }
  EXPECT_LE(soonest, 650'000'000U);
}

TEST_F(Lifecycle, ASupervisorKilledTakesItsWorkerAlong) {  // [J3]
  pid_t child = fork();
  if (child == 0) {
    (void)supervisor::run(hostile_request({"guest", "spin_forever"}, 60s));
    _exit(0);
  }
  pid_t worker = wait_for_worker(child);
  ASSERT_GT(worker, 0);
  std::this_thread::sleep_for(50ms);
  ASSERT_EQ(kill(worker, 0), 0) << "the worker must be there before its supervisor dies";
  kill(child, SIGKILL);
  // The worker becomes this process's child; reap whatever comes until nothing is left.
  auto end = std::chrono::steady_clock::now() + 2s;
  while (count_children() > children && std::chrono::steady_clock::now() < end) {
    while (waitpid(-1, nullptr, WNOHANG) > 0) {
    }
    std::this_thread::sleep_for(2ms);
  }
  EXPECT_NE(kill(worker, 0), 0) << "the worker outlived its supervisor";
}

TEST_F(Lifecycle, ASupervisorKilledWhileTheJailIsBuiltLeavesNothing) {  // [J3]
  for (int delay_us = 0; delay_us < 8000; delay_us += 200) {
    pid_t child = fork();
    if (child == 0) {
      (void)supervisor::run(hostile_request({"guest", "spin_forever"}, 60s));
      _exit(0);
    }
    std::this_thread::sleep_for(std::chrono::microseconds(delay_us));
    kill(child, SIGKILL);
    auto end = std::chrono::steady_clock::now() + 2s;
    while (count_children() > children && std::chrono::steady_clock::now() < end) {
      while (waitpid(-1, nullptr, WNOHANG) > 0) {
      }
    }
    ASSERT_TRUE(children_become(children, 2s)) << "killed after " << delay_us << " us";
  }
}

TEST_F(Lifecycle, ManyRunsAtOnceDoNotDisturbEachOther) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([i] {
      auto report = i % 2 == 0 ? run_hostile({"guest", "path_escapes"})
                               : run_hostile({"guest", "ptrace_parent"});
      EXPECT_EQ(report.end, i % 2 == 0 ? RunEnd::Exited : RunEnd::Violation) << describe(report);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(Lifecycle, ArgumentsLargerThanAMessageArriveWhole) {  // [L1]
  std::vector<std::string> args = {"guest", "path_escapes"};
  auto request = hostile_request(args, 10s);
  for (int i = 0; i < 3000; ++i)
    request.env.push_back("V" + std::to_string(i) + std::string(1000, '='));
  auto report = supervisor::run(request);
  EXPECT_EQ(report.end, RunEnd::Exited) << describe(report);
  for (int i = 0; i < 9000; ++i) request.env.push_back(std::string(1000, 'x'));
  EXPECT_EQ(supervisor::run(request).end, RunEnd::Refused) << "beyond the limit";
  request.env = {std::string(200'000, 'x')};
  EXPECT_EQ(supervisor::run(request).end, RunEnd::Refused) << "one beyond its limit";
}

TEST_F(Lifecycle, WhatCanNotBeOpenedIsNamed) {
  auto request = hostile_request({"guest", "path_escapes"}, 10s);
  request.module_path = "/nowhere/app.wasm";
  auto report = supervisor::run(request);
  EXPECT_EQ(report.end, RunEnd::BadInput) << describe(report);
  EXPECT_NE(report.text.find("/nowhere/app.wasm: No such file"), std::string::npos) << report.text;
  EXPECT_EQ(report.exit_status(), 2);
  request = hostile_request({"guest", "path_escapes"}, 10s);
  request.directories[0].host_path = "/nowhere/data";
  report = supervisor::run(request);
  EXPECT_EQ(report.end, RunEnd::BadInput) << describe(report);
  EXPECT_NE(report.text.find("/nowhere/data"), std::string::npos) << report.text;
  request = hostile_request({"guest", "path_escapes"}, 10s);
  request.worker_path = "/nowhere/worker";
  report = supervisor::run(request);
  EXPECT_EQ(report.end, RunEnd::Lacking) << describe(report);
  EXPECT_EQ(report.exit_status(), 3);
}

}  // namespace
}  // namespace cordon::escape
