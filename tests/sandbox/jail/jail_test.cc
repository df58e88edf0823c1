// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The jail's own code: the order of its steps, what it does where one fails, and a launch that does
// not come to its end ([J1] [J3]). tests/escape looks at the whole.
#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <set>

#include "sandbox/jail/enter.h"
#include "sandbox/jail/launch.h"
#include "sandbox/jail/probe.h"
#include "sandbox/jail/reap.h"
#include "tests/kit/sanitized.h"

namespace cordon::jail {
namespace {

using namespace std::chrono_literals;

using testing::kSanitized;

LayerSet all_layers() { return *LayerSet::from_bits((1U << kLayers.size()) - 1); }

// What `body` writes to the fd that it is given, from a process of its own whose fd 3 is a channel
// with a living peer.
std::string in_process(const std::function<std::string()>& body) {
  int ends[2], channel[2];
  EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
  EXPECT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel), 0);
  pid_t child = fork();
  if (child == 0) {
    int answer = fcntl(ends[1], F_DUPFD, 100), other = fcntl(channel[1], F_DUPFD, 100);
    (void)other;
    dup2(answer, STDOUT_FILENO);  // what is above the channel does not outlast the jail
    dup2(channel[0], kChannelFd);
    std::string text = body();
    (void)!write(STDOUT_FILENO, text.data(), text.size());
    _exit(0);
  }
  close(ends[1]);
  close(channel[0]);
  std::string text(4096, '\0');
  ssize_t got = read(ends[0], text.data(), text.size());
  text.resize(static_cast<size_t>(std::max<ssize_t>(got, 0)));
  close(ends[0]);
  close(channel[1]);
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) text += std::string(" SIG") + sigabbrev_np(WTERMSIG(status));
  return text;
}

std::string text_of(const Entered& entered) {
  std::string text;
  for (const std::string& name : entered.withheld.names()) text += name + " ";
  if (entered.broken != nullptr) {
    text += "broken " + std::string(entered.broken->name) + ": " + entered.failure.call;
  }
  return text;
}

std::string become_ordinary() {
  if (geteuid() != 0) return "";
  bool done = setgroups(0, nullptr) == 0 && setresgid(61234, 61234, 61234) == 0 &&
              setresuid(61234, 61234, 61234) == 0;
  return done ? "" : "cannot become someone";
}

// As the launch leaves a worker, with all rights in a user namespace; root needs none.
std::string become_master_of_a_namespace() {
  const std::string uid = std::to_string(geteuid()), gid = std::to_string(getegid());
  if (uid == "0") return "";
  if (unshare(CLONE_NEWUSER) != 0) return "unshare CLONE_NEWUSER";
  std::ofstream("/proc/self/setgroups") << "deny";
  std::ofstream("/proc/self/uid_map") << kNobody << " " << uid << " 1";
  std::ofstream("/proc/self/gid_map") << kNobody << " " << gid << " 1";
  return "";
}

constexpr Settings kSettings{.data_limit = uint64_t{1} << 30,
                             .address_limit = uint64_t{16} << 30,
                             .file_limit = uint64_t{1} << 30,
                             .cpu_limit = 10};

TEST(JailSteps, StandInTheOrderThatEachNeeds) {  // [J1]
  auto at = [](std::string_view name) {
    auto row = std::find_if(kEnterRows.begin(), kEnterRows.end(),
                            [&](const EnterRow& r) { return r.name == name; });
    EXPECT_NE(row, kEnterRows.end()) << name;
    return row - kEnterRows.begin();
  };
  for (const char* privileged : {"network_namespace", "ipc_namespace", "uts_namespace",
                                 "empty_root", "bounding_set", "identity"}) {
    EXPECT_LT(at(privileged), at("capabilities")) << privileged << " needs capabilities";
  }
  EXPECT_LT(at("bounding_set"), at("identity")) << "root's capabilities go with its identity";
  EXPECT_LT(at("no_new_privileges"), at("landlock"));
  EXPECT_LT(at("no_new_privileges"), at("set_up_filter"));
  EXPECT_LT(at("identity"), at("parent_death")) << "a change of identity takes it back";
  EXPECT_LT(at("capabilities"), at("parent_death")) << "and so does a change of capabilities";
  EXPECT_EQ(at("set_up_filter"), static_cast<long>(kEnterRows.size()) - 1) << "it forbids the rest";
  std::set<std::string_view> names;
  for (const EnterRow& row : kEnterRows) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_FALSE(row.what.empty());
  }
  for (const char* needed : {"capabilities", "no_new_privileges", "session", "limits",
                             "descriptors", "seal_text", "parent_death", "set_up_filter"}) {
    EXPECT_FALSE(kEnterRows[static_cast<size_t>(at(needed))].layer)
        << needed << " is never left out";
  }
}

TEST(JailSteps, AStepThatFailsIsTheLast) {  // [J1]
  // An ordinary user without a user namespace may not do the very first.
  EXPECT_EQ(in_process([] {
              std::string problem = become_ordinary();
              if (!problem.empty()) return problem;
              Entered entered = enter(kSettings, {});
              bool went_on = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 0;
              return text_of(entered) + (went_on ? ", and went on" : "");
            }),
            "broken network_namespace: unshare CLONE_NEWNET");
  // One layer of leave does not cover another.
  EXPECT_EQ(in_process([] {
              LayerSet missing;
              missing.add(Layer::network_namespace);
              missing.add(Layer::uts_namespace);
              std::string problem = become_ordinary();
              return problem.empty() ? text_of(enter(kSettings, missing)) : problem;
            }),
            "network_namespace broken ipc_namespace: unshare CLONE_NEWIPC");
}

TEST(JailSteps, LeaveToSkipSkipsNothingThatWorks) {  // [J1]
  if (kSanitized) GTEST_SKIP() << "text is built behind the filter";
  EXPECT_EQ(in_process([] {
              const std::string problem = become_master_of_a_namespace();
              if (!problem.empty()) return problem;
              Entered entered = enter(kSettings, all_layers());
              return "withheld: " + text_of(entered);
            }),
            "withheld: ");
}

TEST(JailSteps, WhatTheKernelWithheldIsNamedAndTheRestIsDone) {  // [J1] [J2]
  if (kSanitized) GTEST_SKIP() << "text is built behind the filter";
  const std::string withheld =
      "network_namespace ipc_namespace uts_namespace empty_root user_namespace";
  auto enter_as_ordinary = [] {
    std::string problem = become_ordinary();
    if (!problem.empty()) return problem;
    std::vector<std::string> names = enter(kSettings, all_layers()).withheld.names();
    std::sort(names.begin(), names.end());
    std::string text;
    for (const std::string& name : names) text += name + " ";
    return text;
  };
  EXPECT_EQ(in_process(enter_as_ordinary),
            "empty_root ipc_namespace network_namespace user_namespace uts_namespace ");
  // And the filter is there.
  EXPECT_EQ(in_process([&] {
              enter_as_ordinary();
              close(kListenerFd);  // no listener: a call that is not allowed fails as unknown
              const long parent = syscall(SYS_getppid);
              return parent == -1 && errno == ENOSYS ? "there" : "not there";
            }),
            "there");
}

TEST(JailSteps, LimitsAreNeverRaised) {  // [L1]
  EXPECT_EQ(in_process([]() -> std::string {
              rlimit low{16, 16};
              setrlimit(RLIMIT_NOFILE, &low);
              if (!step::limits(kSettings).done()) return "failed";
              rlimit now{};
              getrlimit(RLIMIT_NOFILE, &now);
              if (now.rlim_cur != 16 || now.rlim_max != 16) return "raised";
              getrlimit(RLIMIT_DATA, &now);
              if (!kSanitized && now.rlim_max != kSettings.data_limit) return "no data limit";
              getrlimit(RLIMIT_AS, &now);
              if (!kSanitized && now.rlim_max != kSettings.address_limit) return "no address limit";
              getrlimit(RLIMIT_FSIZE, &now);
              if (now.rlim_max != kSettings.file_limit) return "no file limit";
              getrlimit(RLIMIT_CPU, &now);
              if (now.rlim_max != kSettings.cpu_limit) return "no CPU limit";
              return "fine";
            }),
            "fine");
}

TEST(JailSteps, ADeadSupervisorIsNoticed) {  // [J3]
  EXPECT_EQ(in_process([]() -> std::string {
              int ends[2];
              if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) != 0) return "socketpair";
              dup2(ends[0], kChannelFd);
              if (!step::parent_death(kSettings).done()) return "a living one is taken for dead";
              close(ends[1]);
              StepResult result = step::parent_death(kSettings);
              return result.done() ? "not noticed" : result.call;
            }),
            "poll of the channel");
}

TEST(LayerSet, HasOnlyLayersThatExist) {  // [P1]
  EXPECT_FALSE(LayerSet::from_bits(1U << kLayers.size()));
  EXPECT_FALSE(LayerSet::from_bits(~0U));
  ASSERT_TRUE(LayerSet::from_bits(0));
  LayerSet two = *LayerSet::from_bits(3);
  EXPECT_EQ(two.names(), (std::vector<std::string>{"user_namespace", "pid_namespace"}));
  EXPECT_TRUE(LayerSet().within(two));
  EXPECT_FALSE(all_layers().within(two));
}

TEST(Probe, NamesEveryLayerAndSaysWhyOneIsMissing) {
  std::vector<LayerState> states = probe_layers();
  ASSERT_GT(states.size(), kLayers.size());
  for (size_t i = 0; i < states.size(); ++i) {
    EXPECT_FALSE(states[i].name.empty());
    EXPECT_FALSE(states[i].what.empty());
    EXPECT_NE(states[i].required, i < kLayers.size() || states[i].optional);
    EXPECT_EQ(states[i].optional, states[i].name == "cgroup");
    if (!states[i].available) EXPECT_FALSE(states[i].why.empty()) << states[i].name;
    if (i < kLayers.size()) {
      EXPECT_EQ(states[i].name, kLayers[i].name);
      EXPECT_EQ(missing_layers().has(static_cast<Layer>(i)), !states[i].available);
    }
  }
}

struct LaunchTest : ::testing::Test {
  LaunchTest() { (void)!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends); }
  ~LaunchTest() override {
    close(ends[0]);
    close(ends[1]);
    EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1) << "a process is left";
    EXPECT_EQ(errno, ECHILD);
  }
  Result<Launched> start(const std::string& program, std::chrono::nanoseconds patience = 5s) {
    return launch({.program = program,
                   .channel = ends[1],
                   .missing = missing_layers(),
                   .patience = patience});
  }
  int ends[2];
};

TEST_F(LaunchTest, WhatCanNotBeExecutedIsAFailedStep) {
  char path[] = "/tmp/cordon-launch-XXXXXX";
  Fd file(mkstemp(path));
  ASSERT_TRUE(file.valid());
  auto launched = start(path);
  ASSERT_FALSE(launched);
  EXPECT_EQ(launched.error().kind, &diag::step_failed);
  EXPECT_EQ(launched.error().message(), "step program: Permission denied");
  fchmod(file.get(), 0755);
  (void)!write(file.get(), "no program", 10);
  file.reset();
  launched = start(path);
  ASSERT_FALSE(launched);
  EXPECT_EQ(launched.error().os_error, ENOEXEC);
  unlink(path);
  launched = start(path);
  ASSERT_FALSE(launched);
  EXPECT_EQ(launched.error().os_error, ENOENT);
  EXPECT_NE(launched.error().message().find(path), std::string::npos);
}

TEST_F(LaunchTest, AChannelThatIsNoneIsAFailedStep) {
  auto launched =
      launch({.program = "/bin/true", .channel = -1, .missing = missing_layers(), .patience = 5s});
  ASSERT_FALSE(launched);
  EXPECT_EQ(launched.error().message(), "step descriptors: Bad file descriptor");
}

TEST_F(LaunchTest, PatienceEnds) {  // [L1]
  auto launched = start("/bin/true", 0ns);
  if (launched) {  // it was faster than the first look
    waitpid(launched->pid, nullptr, 0);
    return;
  }
  EXPECT_EQ(launched.error().os_error, ETIMEDOUT);
}

TEST_F(LaunchTest, HearsWhatWantsItsEnd) {
  const Fd interrupt(eventfd(1, EFD_CLOEXEC));
  int heard = 0;
  for (int i = 0; i < 20; ++i) {
    auto launched = launch({.program = "/bin/true",
                            .channel = ends[1],
                            .missing = missing_layers(),
                            .patience = 5s,
                            .interrupt = interrupt.get()});
    if (launched) {  // it was faster than the first look
      waitpid(launched->pid, nullptr, 0);
      continue;
    }
    ++heard;
    EXPECT_EQ(launched.error().os_error, EINTR) << launched.error().message();
  }
  EXPECT_GT(heard, 0);
}

// [K1] A process that the kernel held too long is no zombie for as long as its parent lives.
TEST(Reap, WhatWasHeldIsReapedByALaterCall) {
  int held_pidfd = -1, pidfd = -1;
  const auto start = [](int& out, bool stays) {
    const long pid = syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, nullptr, &out, nullptr, 0);
    if (pid == 0) {
      if (stays) pause();
      _exit(0);
    }
    return static_cast<pid_t>(pid);
  };
  const pid_t held = start(held_pidfd, true);
  EXPECT_FALSE(reap(Fd(held_pidfd), 1ms));
  kill(held, SIGKILL);
  siginfo_t info;
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(held), &info, WEXITED | WNOWAIT), 0);
  const pid_t other = start(pidfd, false);
  EXPECT_TRUE(reap(Fd(pidfd), 10s));
  for (const pid_t pid : {held, other}) {
    EXPECT_EQ(waitpid(pid, nullptr, WNOHANG), -1) << "still to be waited for";
    EXPECT_EQ(errno, ECHILD);
  }
}

}  // namespace
}  // namespace cordon::jail
