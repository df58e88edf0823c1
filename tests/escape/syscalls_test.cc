// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every system call number from 0 to 500 in each form that the kernel takes, by each worker in each
// phase of its jail, one process for each ([J2]): it ends by that call, or it is one of the few
// that the policy allows with the arguments given (attempt_syscall.cc). The table is printed.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <fstream>
#include <map>
#include <set>
#include <thread>

#include "sandbox/supervisor/precompile.h"
#include "tests/escape/hostile_broker.h"
#include "tests/escape/raw_syscall.h"
#include "tests/escape/support.h"
#include "tests/kit/temporary_directory.h"

namespace cordon::escape {
namespace {

using supervisor::RunEnd;

constexpr int kLast = 500;

// What is allowed in the x86-64 form, and how it ends: most return to the hostile worker, which
// then reports so.
const std::map<long, std::string> kAllowed = {
    {SYS_write, "returned"},
    {SYS_lseek, "returned"},
    {SYS_fstat, "returned"},
    {SYS_close, "returned"},
    {SYS_readv, "returned"},
    {SYS_writev, "returned"},
    {SYS_preadv, "returned"},
    {SYS_pwritev, "returned"},
    {SYS_ftruncate, "returned"},
    {SYS_fsync, "returned"},
    {SYS_fdatasync, "returned"},
    {SYS_fadvise64, "returned"},
    {SYS_fcntl, "returned"},
    {SYS_ppoll, "returned"},
    {SYS_clock_gettime, "returned"},
    {SYS_clock_getres, "returned"},
    {SYS_getrandom, "returned"},
    {SYS_sched_yield, "returned"},
    {SYS_mmap, "returned"},
    {SYS_munmap, "returned"},
    {SYS_mprotect, "returned"},
    {SYS_brk, "returned"},
    {SYS_prctl, "prctl"},                  // PR_GET_DUMPABLE is not what it may ask
    {SYS_restart_syscall, "returned -4"},  // EINTR: there is nothing to restart
    {SYS_exit_group, "ended with status 3"},
};
// What the compile worker has; its attempts end in status 54 where they return.
const std::set<long> kCompilers = {SYS_write,           SYS_close,     SYS_fstat, SYS_mmap,
                                   SYS_munmap,          SYS_mprotect,  SYS_brk,   SYS_clock_gettime,
                                   SYS_restart_syscall, SYS_exit_group};

// The path broker's calls. Its attempts are reported as a shortage of its own if they return.
const std::set<long> kBrokers = {
    SYS_write,   SYS_lseek,     SYS_fstat,      SYS_close,  SYS_fsync,      SYS_fstatfs,
    SYS_openat2, SYS_mkdirat,   SYS_readlinkat, SYS_linkat, SYS_renameat,   SYS_mmap,
    SYS_munmap,  SYS_symlinkat, SYS_mprotect,   SYS_brk,    SYS_getdents64, SYS_restart_syscall};

// x86's uretprobe and uprobe: since Linux 6.14 the kernel takes them past every seccomp filter.
// From anywhere but its own trampoline pages the first ends in SIGILL and the second in ENXIO, so
// they give nothing; an older kernel has no such numbers and the filter kills.
const std::map<long, std::string> kPastEveryFilter = {{335, "SIGILL"}, {336, "returned -6"}};

// How the kernel answers int 0x80 where it has no 32-bit entry.
int signal_of_int80() {
  pid_t child = fork();
  if (child == 0) {
    raw_int80(20 /* getpid */);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? WTERMSIG(status) : SIGSYS;
}

// "killed" for an end by the call itself, whether the kernel or the supervisor struck.
std::string told(const supervisor::RunReport& report) {
  if (report.end == RunEnd::Exited) return report.text;
  if (report.end != RunEnd::Violation || report.exit_status() != 159) return describe(report);
  if (!report.syscall.empty() || report.signal == SIGSYS) return "killed";
  if (report.signal != 0) return std::string("SIG") + sigabbrev_np(report.signal);
  return report.text;
}

struct Place {
  const char*
      worker;  // "run", "native", "auto", "compile", "needed" (compile, with Auto) or "paths"
  const char* phase;
};
constexpr Place kPlaces[] = {{"run", "set-up"},   {"run", "guest"},      {"native", "set-up"},
                             {"native", "guest"}, {"compile", "set-up"}, {"compile", "guest"},
                             {"paths", "set-up"}, {"paths", "guest"}};
// Those of Engine::Auto have the filters' other half in common with these.
constexpr Place kAutoPlaces[] = {
    {"auto", "set-up"}, {"auto", "guest"}, {"needed", "set-up"}, {"needed", "guest"}};

protocol::Engine engine_of(std::string_view worker) {
  if (worker == "run") return protocol::Engine::Interp;
  return worker == "native" ? protocol::Engine::Jit : protocol::Engine::Auto;
}

std::string outcome_at_broker(const Place& place, const std::string& form, long number) {
  const bool in_guest_phase = std::string_view(place.phase) == "guest";
  uint32_t which = 0;
  while (form != kForms[which]) ++which;
  if (number == SYS_exit_group && which == 0) return "its own end, not tried";
  auto request = hostile_request({"guest", "spin_forever"}, std::chrono::seconds(10));
  request.broker_path = CORDON_HOSTILE_BROKER;
  request.max_files = max_files_of({static_cast<uint32_t>(number), which, in_guest_phase});
  const supervisor::RunReport report = supervisor::run(request);
  return report.end == RunEnd::Lacking ? report.text : told(report);
}

std::string outcome_of(const Place& place, const std::string& form, long number,
                       const std::string& directory) {
  const std::string worker = place.worker;
  if (worker == "paths") return outcome_at_broker(place, form, number);
  if (worker != "compile" && worker != "needed") {
    return told(run_hostile({place.phase, "syscall", form, std::to_string(number)},
                            std::chrono::seconds(10), engine_of(worker)));
  }
  const std::string name =
      std::string(1, place.phase[0]) + ":" + form + ":" + std::to_string(number);
  const std::string path = directory + "/" + name;
  std::ofstream(path, std::ios::binary) << module_called(name);
  if (worker == "needed") {
    auto request = hostile_request({"guest", "asks_and_waits"}, std::chrono::seconds(10),
                                   protocol::Engine::Auto);
    request.compiler_path = CORDON_HOSTILE_COMPILER;
    request.module_path = path;
    const supervisor::RunReport report = supervisor::run(request);
    return report.end == RunEnd::Exited ? report.interpreted_for : told(report);
  }
  supervisor::RunRequest request;
  request.engine = protocol::Engine::Jit;
  request.compiler_path = CORDON_HOSTILE_COMPILER;
  request.module_path = path;
  request.timeout = std::chrono::seconds(10);
  return told(supervisor::precompile(request).report);
}

// Two at a time, as the smallest machine that this is for has cores.
std::vector<std::string> outcomes_of(const Place& place, const std::string& form) {
  const testing::TemporaryDirectory directory;
  std::vector<std::string> outcomes(kLast + 1);
  std::atomic<int> next = 0;
  auto work = [&] {
    for (int number = next++; number <= kLast; number = next++) {
      outcomes[static_cast<size_t>(number)] =
          outcome_of(place, form, number, directory.path().string());
    }
  };
  std::thread other(work);
  work();
  other.join();
  return outcomes;
}

void print_table(const Place& place, const std::string& form,
                 const std::vector<std::string>& outcomes) {
  for (size_t first = 0, i = 1; i <= outcomes.size(); ++i) {
    if (i < outcomes.size() && outcomes[i] == outcomes[first]) continue;
    std::printf("%-7s %-6s %-6s %3zu-%-3zu  %s\n", place.worker, place.phase, form.c_str(), first,
                i - 1, outcomes[first].c_str());
    first = i;
  }
}

struct Syscalls : ::testing::Test {
  Syscalls() {
    adopt_orphans();
    children = count_children();
  }
  ~Syscalls() override {
    EXPECT_TRUE(children_become(children, std::chrono::seconds(2))) << "a process is left";
  }
  int children;
};

// How a number of the x86-64 form must end.
std::string expected_of(const Place& place, int number) {
  const std::string worker = place.worker;
  if (worker == "paths") {
    if (number == SYS_exit_group) return "its own end";
    return kBrokers.contains(number) ? "the path broker: returned" : "killed";
  }
  if (worker == "compile" || worker == "needed") {
    const bool early = std::string_view(place.phase) == "set-up";
    if (!kCompilers.contains(number) || (number == SYS_fstat && !early)) return "killed";
    return number == SYS_exit_group ? "status 3" : "status 54";
  }
  if (worker != "run" && number == SYS_rt_sigreturn) return "SIGSEGV";
  const auto allowed = kAllowed.find(number);
  return allowed == kAllowed.end() || number == SYS_prctl ? "killed" : allowed->second;
}

// Under a sanitizer the policy has rows of its own, and the filters' other half is the same; it
// would only take longer.
constexpr const char* kShown = "shown by a build without a sanitizer";

TEST_F(Syscalls, EveryNumberEndsTheProcessOrIsARowOfThePolicy) {  // [J2]
  if (kSanitized) GTEST_SKIP() << kShown;
  std::vector<Place> places(std::begin(kPlaces), std::end(kPlaces));
  places.insert(places.end(), std::begin(kAutoPlaces), std::end(kAutoPlaces));
  for (const Place& place : places) {
    const auto outcomes = outcomes_of(place, "x86-64");
    print_table(place, "x86-64", outcomes);
    for (int number = 0; number <= kLast; ++number) {
      const std::string& outcome = outcomes[static_cast<size_t>(number)];
      auto past = kPastEveryFilter.find(number);
      if (past != kPastEveryFilter.end()) {
        EXPECT_TRUE(outcome == "killed" || outcome.ends_with(past->second) ||
                    outcome.find("status 54") != std::string::npos)
            << place.worker << " " << place.phase << " " << number << ": " << outcome;
      } else {
        EXPECT_NE(outcome.find(expected_of(place, number)), std::string::npos)
            << place.worker << " " << place.phase << " " << number << ": " << outcome;
      }
    }
  }
}

TEST_F(Syscalls, EveryX32NumberIsKilled) {  // [J2]
  if (kSanitized) GTEST_SKIP() << kShown;
  for (const Place& place : kPlaces) {
    const auto outcomes = outcomes_of(place, "x32");
    print_table(place, "x32", outcomes);
    for (const std::string& outcome : outcomes) EXPECT_EQ(outcome, "killed");
  }
}

TEST_F(Syscalls, EveryInt80NumberIsKilled) {  // [J2]
  if (kSanitized) GTEST_SKIP() << kShown;
  const int signal = signal_of_int80();
  const std::string expected =
      signal == SIGSYS ? "killed" : std::string("SIG") + sigabbrev_np(signal);
  for (const Place& place : kPlaces) {
    const auto outcomes = outcomes_of(place, "int80");
    print_table(place, "int80", outcomes);
    for (const std::string& outcome : outcomes) EXPECT_EQ(outcome, expected);
  }
}

}  // namespace
}  // namespace cordon::escape
