// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every system call number from 0 to 500 in each form that the kernel takes, one process of the
// jail for each ([J2]): it dies by SIGSYS, or it is one of the few that the guest's policy allows
// with the arguments given (attempt_syscall.cc).
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <map>
#include <set>
#include <thread>

#include "tests/escape/raw_syscall.h"
#include "tests/escape/support.h"

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
    {SYS_restart_syscall, "returned -4"},  // EINTR: there is nothing to restart
    {SYS_exit_group, "ended with status 3"},
};

// x86's uretprobe and uprobe: since Linux 6.14 the kernel takes them past every seccomp filter.
// From anywhere but its own trampoline pages the first ends in SIGILL and the second in ENXIO, so
// they give nothing; an older kernel has no such numbers and the filter kills.
const std::map<long, std::string> kPastEveryFilter = {{335, "SIGILL"}, {336, "returned -6"}};

// Allowed to a sanitizer's runtime, which sits in the workers of such a build.
const std::set<long> kSanitizers = {SYS_madvise, SYS_futex,       SYS_getpid,
                                    SYS_gettid,  SYS_sigaltstack, SYS_rt_sigprocmask};

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

std::string outcome_of(const std::string& form, long number) {
  auto report = run_hostile({"syscall", form, std::to_string(number)});
  if (report.end == RunEnd::Exited) return report.text;
  if (report.end != RunEnd::Violation || report.exit_status() != 159) return describe(report);
  if (report.signal != 0) return std::string("SIG") + sigabbrev_np(report.signal);
  return report.text;
}

// Two at a time, as the smallest machine that this is for has cores.
std::vector<std::string> outcomes_of(const std::string& form) {
  std::vector<std::string> outcomes(kLast + 1);
  std::atomic<int> next = 0;
  auto work = [&] {
    for (int number = next++; number <= kLast; number = next++) {
      outcomes[static_cast<size_t>(number)] = outcome_of(form, number);
    }
  };
  std::thread other(work);
  work();
  other.join();
  return outcomes;
}

void print_table(const std::string& form, const std::vector<std::string>& outcomes) {
  for (size_t first = 0, i = 1; i <= outcomes.size(); ++i) {
    if (i < outcomes.size() && outcomes[i] == outcomes[first]) continue;
    std::printf("%-7s %3zu-%-3zu  %s\n", form.c_str(), first, i - 1, outcomes[first].c_str());
    first = i;
  }
}

struct Syscalls : testing::Test {
  Syscalls() {
    adopt_orphans();
    children = count_children();
  }
  ~Syscalls() override { EXPECT_EQ(count_children(), children) << "a process is left"; }
  int children;
};

TEST_F(Syscalls, EveryNumberIsKilledOrIsARowOfThePolicy) {  // [J2]
  auto outcomes = outcomes_of("x86-64");
  print_table("x86-64", outcomes);
  for (int number = 0; number <= kLast; ++number) {
    const std::string& outcome = outcomes[static_cast<size_t>(number)];
    if (kSanitized && kSanitizers.contains(number)) continue;
    auto allowed = kAllowed.find(number);
    auto past = kPastEveryFilter.find(number);
    if (past != kPastEveryFilter.end()) {
      EXPECT_TRUE(outcome == "SIGSYS" || outcome == past->second) << number << ": " << outcome;
    } else if (allowed == kAllowed.end()) {
      EXPECT_EQ(outcome, "SIGSYS") << number;
    } else {
      EXPECT_NE(outcome.find(allowed->second), std::string::npos) << number << ": " << outcome;
    }
  }
}

TEST_F(Syscalls, EveryX32NumberIsKilled) {  // [J2]
  auto outcomes = outcomes_of("x32");
  print_table("x32", outcomes);
  for (const std::string& outcome : outcomes) EXPECT_EQ(outcome, "SIGSYS");
}

TEST_F(Syscalls, EveryInt80NumberIsKilled) {  // [J2]
  std::string expected = std::string("SIG") + sigabbrev_np(signal_of_int80());
  auto outcomes = outcomes_of("int80");
  print_table("int80", outcomes);
  for (const std::string& outcome : outcomes) EXPECT_EQ(outcome, expected);
}

}  // namespace
}  // namespace cordon::escape
