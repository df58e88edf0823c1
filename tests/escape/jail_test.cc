// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The jail as it looks from outside, in /proc, while a worker sits in it: for root and for an
// ordinary user; and what happens where the kernel withholds a part of it ([J1] [J2] [J3] [L1]).
#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <thread>

#include "sandbox/jail/probe.h"
#include "tests/escape/support.h"
#include "tests/kit/processes.h"

namespace cordon::escape {
namespace {

using namespace std::chrono_literals;
using supervisor::JailMode;
using supervisor::RunEnd;
namespace fs = std::filesystem;

constexpr uid_t kOrdinary = 61234;

// The identity after become_ordinary(): this process's own user if that is an ordinary one.
uid_t ordinary() { return geteuid() == 0 ? kOrdinary : geteuid(); }

// The value of `key` in /proc/PID/status, without its leading blanks.
std::string status_of(pid_t pid, const std::string& key) {
  std::istringstream in(testing::proc_file(pid, "status"));
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(key + ":")) {
      size_t from = line.find_first_not_of(" \t", key.size() + 1);
      return from == std::string::npos ? "" : line.substr(from);
    }
  }
  return "?";
}

// Hard and soft limit of the row of /proc/PID/limits that starts with `name`.
std::string limit_of(pid_t pid, const std::string& name) {
  std::istringstream in(testing::proc_file(pid, "limits"));
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(name)) continue;
    std::istringstream values(line.substr(name.size()));
    std::string soft, hard;
    values >> soft >> hard;
    return soft + " " + hard;
  }
  return "?";
}

// A supervisor in a process of its own, with its worker spinning after the guest filter.
struct JailedWorker {
  explicit JailedWorker(const std::function<void()>& become) {
    supervisor::RunRequest request = hostile_request({"guest", "spin_forever"}, 20s);
    supervisor_pid = fork();
    if (supervisor_pid == 0) {
      become();
      (void)supervisor::run(request);
      _exit(0);
    }
    auto end = std::chrono::steady_clock::now() + 5s;
    while (std::chrono::steady_clock::now() < end) {
      for (const testing::Process& child : testing::children_of(supervisor_pid)) {
        if (child.name != "cordon-hostile-") continue;
        if (status_of(child.pid, "Seccomp_filters") == "2") worker = child.pid;
      }
      if (worker != 0) return;
      std::this_thread::sleep_for(1ms);
    }
  }
  ~JailedWorker() {
    kill(supervisor_pid, SIGKILL);
    while (waitpid(-1, nullptr, 0) > 0) {
    }
  }
  fs::path proc() const { return fs::path("/proc") / std::to_string(worker); }

  pid_t supervisor_pid, worker = 0;
};

void become_ordinary() {
  if (geteuid() != 0) return;
  if (setgroups(0, nullptr) != 0 || setresgid(kOrdinary, kOrdinary, kOrdinary) != 0 ||
      setresuid(kOrdinary, kOrdinary, kOrdinary) != 0) {
    _exit(9);
  }
  prctl(PR_SET_DUMPABLE, 1);
}

// What only root may look at: not even the user whose worker it is.
void expect_nothing_of_others(const JailedWorker& jailed) {
  EXPECT_TRUE(fs::is_empty(jailed.proc() / "root"));
  std::vector<std::string> fds;
  for (const auto& entry : fs::directory_iterator(jailed.proc() / "fd")) {
    fds.push_back(entry.path().filename());
  }
  std::sort(fds.begin(), fds.end());
  EXPECT_EQ(fds, (std::vector<std::string>{"0", "1", "2", "3"})) << "the streams and the channel";
  EXPECT_EQ(testing::proc_file(jailed.worker, "environ"), "");
}

// `outside_id`: empty for what the worker of such a user is: one of the run's own, of root.
void expect_jailed(const JailedWorker& jailed, std::string outside_id = {}) {
  const pid_t pid = jailed.worker;
  ASSERT_NE(pid, 0) << "no worker came behind its filters";
  if (outside_id.empty() && geteuid() != 0) outside_id = std::to_string(geteuid());
  const std::string id =
      outside_id.empty() ? std::to_string(std::stoul(status_of(pid, "Uid"))) : outside_id;
  if (outside_id.empty()) EXPECT_EQ(std::stoul(id) >> 26, 0x70000000UL >> 26) << "its own ([K1])";
  const std::string four = id + "\t" + id + "\t" + id + "\t" + id;
  EXPECT_EQ(status_of(pid, "Uid"), four);
  if (geteuid() == 0) EXPECT_EQ(status_of(pid, "Gid"), four);
  EXPECT_EQ(testing::proc_file(jailed.worker, "oom_score_adj"), "1000\n");
  // Only root can take them from another user's worker: no kernel lets a user shed groups.
  if (getgroups(0, nullptr) == 0) EXPECT_EQ(status_of(pid, "Groups"), "");
  for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"}) {
    EXPECT_EQ(status_of(pid, set), "0000000000000000") << set;
  }
  EXPECT_EQ(status_of(pid, "NoNewPrivs"), "1");
  EXPECT_EQ(status_of(pid, "Seccomp"), "2");
  EXPECT_EQ(status_of(pid, "Threads"), "1");
  EXPECT_TRUE(status_of(pid, "NSpid").ends_with("\t1")) << "it is the init of its namespace";
  EXPECT_TRUE(status_of(pid, "NSsid").ends_with("\t1")) << "a session of its own";

  for (const char* name : {"user", "pid", "net", "ipc", "uts", "mnt"}) {  // [J3]
    EXPECT_NE(fs::read_symlink(jailed.proc() / "ns" / name),
              fs::read_symlink(fs::path("/proc/self/ns") / name))
        << name;
  }
  const std::string mounts = testing::proc_file(jailed.worker, "mountinfo");
  EXPECT_EQ(std::count(mounts.begin(), mounts.end(), '\n'), 1) << mounts;
  EXPECT_NE(mounts.find(" / / ro,nosuid,nodev,noexec"), std::string::npos) << mounts;
  const std::string net = testing::proc_file(jailed.worker, "net/dev");
  EXPECT_EQ(std::count(net.begin(), net.end(), ':'), 1) << net;  // the loopback

  if (geteuid() == 0) expect_nothing_of_others(jailed);

  EXPECT_EQ(limit_of(pid, "Max core file size"), "0 0");  // [L1]
  EXPECT_EQ(limit_of(pid, "Max processes"), "0 0");
  EXPECT_EQ(limit_of(pid, "Max locked memory"), "0 0");
  if (!kSanitized) {
    const std::string limit = std::to_string(
        supervisor::kDefaultMaxMemory + 4 * supervisor::kDefaultMaxStack + (uint64_t{512} << 20));
    EXPECT_EQ(limit_of(pid, "Max data size"), limit + " " + limit);
  }
  struct stat owner{};
  ASSERT_EQ(stat((jailed.proc() / "environ").c_str(), &owner), 0);
  EXPECT_EQ(owner.st_uid, 0U) << "undumpable: /proc/PID belongs to root";
}

struct Jail : ::testing::Test {
  Jail() {
    adopt_orphans();
    children = count_children();
  }
  ~Jail() override { EXPECT_TRUE(children_become(children, 2s)) << "a process is left"; }

  // Runs `body` in a process of its own, which fails by a message.
  static void in_process(const std::function<std::string()>& body) {
    int ends[2];
    ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
    pid_t child = fork();
    if (child == 0) {
      std::string text = body();
      (void)!write(ends[1], text.data(), text.size());
      _exit(0);
    }
    close(ends[1]);
    std::string text(8192, '\0');
    size_t size = 0;
    for (ssize_t got; (got = read(ends[0], text.data() + size, text.size() - size)) > 0;) {
      size += static_cast<size_t>(got);
    }
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(text.substr(0, size), "");
  }
  int children = count_children();
};

TEST_F(Jail, OfRootIsCompleteAndOfSomeoneOfItsOwn) {  // [J1] [J3]
  if (geteuid() != 0) GTEST_SKIP() << "needs root; the next test is the one for an ordinary user";
  JailedWorker jailed([] {});
  expect_jailed(jailed);
}

TEST_F(Jail, OfAnOrdinaryUserIsComplete) {  // [J1] [J3]
  JailedWorker jailed(become_ordinary);
  expect_jailed(jailed, std::to_string(ordinary()));
}

TEST_F(Jail, NothingOfTheSupervisorComesAlong) {  // [J3]
  JailedWorker jailed([] {
    // A file that is not close-on-exec, an environment, odd signals, a closed stdin.
    (void)open("/etc/passwd", O_RDONLY);
    setenv("SECRET", "of the supervisor", 1);
    signal(SIGTERM, SIG_IGN);
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    sigprocmask(SIG_BLOCK, &mask, nullptr);
    close(STDIN_FILENO);
  });
  expect_jailed(jailed);
  if (geteuid() == 0) EXPECT_EQ(fs::read_symlink(jailed.proc() / "fd/0"), "/dev/null");
  EXPECT_EQ(status_of(jailed.worker, "SigBlk"), "0000000000000000");
  EXPECT_EQ(status_of(jailed.worker, "SigIgn"), "0000000001001000") << "SIGPIPE and SIGXFSZ";
}

// In a user namespace of its own a test may take namespaces away from itself, by the very limits
// that an administrator sets.
std::string withhold(const std::vector<std::string>& kinds) {
  uid_t uid = geteuid();
  gid_t gid = getegid();
  if (unshare(CLONE_NEWUSER) != 0) return "unshare";
  std::ofstream("/proc/self/setgroups") << "deny";
  std::ofstream("/proc/self/uid_map") << "0 " << uid << " 1";
  std::ofstream("/proc/self/gid_map") << "0 " << gid << " 1";
  for (const std::string& kind : kinds) {
    std::ofstream limit("/proc/sys/user/max_" + kind + "_namespaces");
    limit << 0 << std::flush;
    if (!limit) return "max_" + kind + "_namespaces";
  }
  return "";
}

// From here on the system call fails as on a kernel that does not have it.
std::string withhold_call(uint32_t number) {
  sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  sock_fprog program{4, code};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0 ? "" : "seccomp";
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : " ") + name;
  return out;
}

// A full jail is refused and names `step`; a degraded one runs, names `missing`, and still kills.
std::string check_withheld(const std::string& step, const std::string& missing) {
  auto request = hostile_request({"guest", "path_escapes"}, 10s);
  auto full = supervisor::run(request);
  if (full.end != RunEnd::JailFailed || full.exit_status() != 2) return "full: " + describe(full);
  if (full.text.find("step " + step) == std::string::npos) return "full: " + full.text;
  if (!full.missing_layers.empty()) return "full names missing layers";

  request.jail = JailMode::Degraded;
  auto degraded = supervisor::run(request);
  if (degraded.end != RunEnd::Exited) return "degraded: " + describe(degraded);
  if (joined(degraded.missing_layers) != missing) {
    return "degraded is missing: " + joined(degraded.missing_layers);
  }
  request.args = {"guest", "socket_inet"};
  degraded = supervisor::run(request);
  if (degraded.exit_status() != 159) return "degraded does not kill";
  return "";
}

TEST_F(Jail, WithoutOneNamespaceIsRefusedUnlessDegraded) {  // [J1]
  const struct {
    const char *kind, *step, *missing;
  } cases[] = {{"net", "network_namespace", "network_namespace"},
               {"ipc", "ipc_namespace", "ipc_namespace"},
               {"uts", "uts_namespace", "uts_namespace"},
               {"mnt", "empty_root", "empty_root"},
               {"pid", "namespaces", "pid_namespace"}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.kind);
    in_process([&] {
      std::string problem = withhold({c.kind});
      return problem.empty() ? check_withheld(c.step, c.missing) : problem;
    });
  }
}

TEST_F(Jail, WithoutUserNamespacesIsRefusedUnlessDegraded) {  // [J1]
  in_process([&] {
    std::string problem = withhold({"user"});
    if (!problem.empty()) return problem;
    // No capability either: as an ordinary user of such a machine.
    for (unsigned long c = 0; prctl(PR_CAPBSET_READ, c) >= 0; ++c) prctl(PR_CAPBSET_DROP, c);
    prctl(PR_SET_SECUREBITS, 1 /* SECBIT_NOROOT */);
    uint32_t header[] = {0x20080522, 0}, none[6] = {};
    if (syscall(SYS_capset, header, none) != 0) return std::string("capset");
    return check_withheld("namespaces",
                          "user_namespace pid_namespace network_namespace ipc_namespace "
                          "uts_namespace empty_root");
  });
}

TEST_F(Jail, WithoutLandlockIsRefusedUnlessDegraded) {  // [J1]
  in_process([&] {
    std::string problem = withhold_call(SYS_landlock_create_ruleset);
    return problem.empty() ? check_withheld("landlock", "landlock") : problem;
  });
}

TEST_F(Jail, WithoutWhatIsAlwaysNeededIsRefusedEvenDegraded) {  // [J1]
  for (uint32_t number : {SYS_seccomp, SYS_close_range, SYS_capset}) {
    in_process([&]() -> std::string {
      std::string problem = withhold_call(number);
      if (!problem.empty()) return problem;
      auto request = hostile_request({"guest", "path_escapes"}, 10s);
      for (JailMode mode : {JailMode::Full, JailMode::Degraded}) {
        request.jail = mode;
        auto report = supervisor::run(request);
        if (report.end != RunEnd::JailFailed) return describe(report);
      }
      return "";
    });
  }
}

TEST_F(Jail, ADegradedRunOnAWholeKernelIsAFullOne) {  // [J1]
  if (!jail::missing_layers().empty()) GTEST_SKIP() << "this kernel withholds layers itself";
  auto request = hostile_request({"guest", "path_escapes"}, 10s);
  request.jail = JailMode::Degraded;
  auto report = supervisor::run(request);
  EXPECT_EQ(report.end, RunEnd::Exited) << describe(report);
  EXPECT_TRUE(report.missing_layers.empty());
}

TEST_F(Jail, OfAnOrdinaryUserHoldsFromTheFirstMessageToTheVerdict) {  // [J3]
  in_process([&]() -> std::string {
    auto request = hostile_request({"guest", "path_escapes"}, 10s);
    become_ordinary();
    auto report = supervisor::run(request);
    return report.text == "powerless" ? "" : describe(report);
  });
}

TEST_F(Jail, CostsLittle) {
  std::vector<uint64_t> times;
  for (int i = 0; i < 50; ++i) times.push_back(run_hostile({"guest", "nothing"}).wall_ns);
  std::sort(times.begin(), times.end());
  std::printf("an empty run: median %.2f ms, p90 %.2f ms\n", static_cast<double>(times[25]) / 1e6,
              static_cast<double>(times[45]) / 1e6);
  // The best of them, so that a busy machine does not fail what is meant to show a step gone slow.
  if (!kSanitized) EXPECT_LE(times.front(), 20'000'000U);
}

}  // namespace
}  // namespace cordon::escape
