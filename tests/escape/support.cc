// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/escape/support.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "sandbox/jail/reap.h"
#include "sandbox/supervisor/printable.h"
#include "tests/kit/processes.h"

namespace cordon::escape {
namespace {

namespace fs = std::filesystem;

// One directory for the whole test program, gone at its end.
struct Workspace {
  Workspace() {
    char name[] = "/tmp/cordon-escape-XXXXXX";
    path = mkdtemp(name);
    fs::permissions(path, fs::perms(0755));  // some tests become another user
    // The checkout need not be in a place that they can reach.
    fs::copy_file(CORDON_HOSTILE_WORKER, path / "cordon-hostile-worker");
    fs::copy_file(CORDON_PATH_BROKER, path / "cordon-path-broker");
    fs::create_directory(path / "granted");
    std::ofstream(path / "granted/file") << "content";
    std::ofstream(path / "empty.wasm");
    // One function that does nothing.
    constexpr char kOne[] = "\0asm\1\0\0\0\1\4\1\x60\0\0\3\2\1\0\x0a\4\1\2\0\x0b";
    std::ofstream(path / "one.wasm", std::ios::binary).write(kOne, sizeof kOne - 1);
  }
  ~Workspace() { fs::remove_all(path); }
  fs::path path;
};

const fs::path& workspace() {
  static Workspace instance;
  return instance.path;
}

const char* name_of(supervisor::RunEnd end) {
  constexpr const char* kNames[] = {"Exited", "Trapped",    "Refused",     "Timeout",  "Violation",
                                    "Killed", "JailFailed", "Interrupted", "BadInput", "Lacking"};
  return kNames[static_cast<int>(end)];
}

}  // namespace

supervisor::RunRequest hostile_request(std::vector<std::string> args,
                                       std::chrono::nanoseconds timeout, protocol::Engine engine) {
  supervisor::RunRequest request;
  request.engine = engine;
  request.worker_path = workspace() / "cordon-hostile-worker";
  request.compiler_path = CORDON_COMPILE_WORKER;
  request.broker_path = workspace() / "cordon-path-broker";
  const bool interpreted = engine == protocol::Engine::Interp;
  request.module_path = workspace() / (interpreted ? "empty.wasm" : "one.wasm");
  request.args = std::move(args);
  request.directories = {{workspace() / "granted", "/granted", false}};
  request.timeout = timeout;
  return request;
}

supervisor::RunReport run_hostile(std::vector<std::string> args, std::chrono::nanoseconds timeout,
                                  protocol::Engine engine) {
  return supervisor::run(hostile_request(std::move(args), timeout, engine));
}

std::string module_called(const std::string& attack) {
  std::string bytes("\0asm\1\0\0\0\0", 9);
  bytes += static_cast<char>(attack.size() + 1);
  bytes += static_cast<char>(attack.size());
  bytes += attack;
  constexpr char kStart[] = "\1\4\1\x60\0\0\3\2\1\0\7\x0a\1\6_start\0\0\x0a\4\1\2\0\x0b";
  return bytes.append(kStart, sizeof kStart - 1);
}

std::string describe(const supervisor::RunReport& report) {
  std::string out = name_of(report.end);
  if (report.signal != 0) out += std::string(" (SIG") + sigabbrev_np(report.signal) + ")";
  return out + ": " + supervisor::printable(report.text);
}

void adopt_orphans() {
  workspace();
  ASSERT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
  int null = open("/dev/null", O_RDONLY);
  dup2(null, STDIN_FILENO);
  close(null);
}

int count_children() { return static_cast<int>(testing::children_of(getpid()).size()); }

bool children_become(int count, std::chrono::milliseconds time) {
  auto end = std::chrono::steady_clock::now() + time;
  while (count_children() != count) {
    if (std::chrono::steady_clock::now() > end) return false;
    jail::reap_held();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace cordon::escape
