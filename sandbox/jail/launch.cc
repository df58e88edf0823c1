// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/jail/launch.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "sandbox/jail/identity_map.h"
#include "sandbox/jail/launch_child.h"
#include "sandbox/jail/reap.h"
#include "sandbox/jail/steps.h"

namespace cordon::jail {
namespace {

constexpr std::array kLaunchNames = {
#define LAUNCH(name, what) #name,
#include "sandbox/jail/steps.def"
};

Failure step_failed(LaunchStep step, const std::string& call, int error) {
  std::string name = kLaunchNames[static_cast<size_t>(step)];
  return Failure(
      Diagnostic{&diag::step_failed, kNoOffset, error, call.empty() ? name : name + ": " + call});
}

// Ends and reaps a child that did not reach its exec. [L1] It may be blocked in closing its copy of
// a descriptor, which a file system can delay.
class Unfinished {
 public:
  explicit Unfinished(Launched& child) : child_(child) {}
  ~Unfinished() {
    if (finished_) return;
    (void)syscall(SYS_pidfd_send_signal, child_.pidfd.get(), SIGKILL, nullptr, 0);
    (void)reap(std::move(child_.pidfd), kTimeToGo);
  }
  void finish() { finished_ = true; }

 private:
  Launched& child_;
  bool finished_ = false;
};

// Blocks signals, so that none runs a handler of this process in the child.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

// The raw calls: the C library's fork has no flags, and its clone needs a stack. clone3 is used
// only with a control group, since an outer filter may not know it.
long clone_with(uint64_t flags, int cgroup, int& pidfd) {
  if (cgroup < 0) return syscall(SYS_clone, flags | SIGCHLD, nullptr, &pidfd, nullptr, 0);
  clone_args arguments{};
  arguments.flags = flags | CLONE_INTO_CGROUP;
  arguments.pidfd = reinterpret_cast<uint64_t>(&pidfd);
  arguments.exit_signal = SIGCHLD;
  arguments.cgroup = static_cast<uint64_t>(cgroup);
  return syscall(SYS_clone3, &arguments, sizeof arguments);
}

Result<Launched> clone_child(const Launch& launch, const ChildPlan& plan) {
  uint64_t flags = CLONE_PIDFD;
  if (!launch.missing.has(Layer::user_namespace)) flags |= CLONE_NEWUSER;
  if (!launch.missing.has(Layer::pid_namespace)) flags |= CLONE_NEWPID;
  SignalsBlocked blocked;
  int pidfd = -1;
  const long pid = clone_with(flags, launch.cgroup, pidfd);
  if (pid == 0) run_child(plan);
  if (pid < 0) return step_failed(LaunchStep::namespaces, "clone", errno);
  return Launched{static_cast<pid_t>(pid), Fd(pidfd)};
}

// Reads the child's last message: the reason for its failure. Nothing if there is none (yet).
Result<void> last_words(int line) {
  LaunchFailure failure{};
  ssize_t got = recv(line, &failure, sizeof failure, MSG_DONTWAIT);
  if (got < 0 && errno == ECONNRESET) {
    // The child never read our message. That error comes first, once; its own message after.
    got = recv(line, &failure, sizeof failure, MSG_DONTWAIT);
  }
  if (got == 0 || (got < 0 && errno == EAGAIN)) return {};
  if (got != sizeof failure) return step_failed(LaunchStep::program, "no answer", errno);
  return step_failed(failure.step, "", failure.error);
}

// Waits until the child's exec closes the line, or its last message arrives.
Result<void> wait_for_exec(int line, const Launch& launch) {
  pollfd waits[] = {{line, POLLIN, 0}, {launch.interrupt, POLLIN, 0}};
  auto end = std::chrono::steady_clock::now() + launch.patience;
  int ready;
  do {
    auto left = std::max(end - std::chrono::steady_clock::now(), std::chrono::nanoseconds(0));
    auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    timespec time{seconds.count(), (left - seconds).count()};
    ready = ppoll(waits, std::size(waits), &time, nullptr);
  } while (ready < 0 && errno == EINTR);
  if (ready < 0) return step_failed(LaunchStep::program, "ppoll", errno);
  if (ready == 0) return step_failed(LaunchStep::program, "", ETIMEDOUT);  // [L1]
  if (waits[0].revents == 0) return step_failed(LaunchStep::program, "", EINTR);
  return last_words(line);
}

Result<std::pair<Fd, Fd>> make_line() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return fail_os("socketpair", errno);
  }
  return std::pair{Fd(ends[0]), Fd(ends[1])};
}

// The supervisor's file capabilities; root may lack some.
uint32_t own_file_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {};
  if (geteuid() != 0 || syscall(SYS_capget, &header, sets) != 0) return 0;
  return sets[0].effective & kFileCapabilities;
}

Result<Fd> open_file(const std::string& path, int flags) {
  Fd file(open(path.c_str(), flags | O_CLOEXEC | O_NOCTTY));
  if (!file.valid()) return fail_os("open " + path, errno);
  return file;
}

}  // namespace

Result<Launched> launch(const Launch& launch) {
  Fd program = TRY(open_file(launch.program, O_RDONLY | O_NONBLOCK));
  Fd null = TRY(open_file("/dev/null", O_RDWR));
  auto [ours, theirs] = TRY(make_line());
  std::string name = launch.program.substr(launch.program.rfind('/') + 1);
  char* arguments[] = {name.data(), nullptr};

  const uint32_t of_files = launch.identity == Identity::User ? own_file_capabilities() : 0;
  Launched child = TRY(clone_child(launch, {program.get(), launch.channel, theirs.get(), null.get(),
                                            launch.inherited, of_files, arguments}));
  Unfinished unfinished(child);
  theirs.reset();
  if (!launch.missing.has(Layer::user_namespace)) {
    auto mapped = map_identity(child.pid, launch.identity);
    if (!mapped) {
      TRY_VOID(last_words(ours.get()));  // a child that is gone cannot be mapped
      return step_failed(LaunchStep::identity_map, mapped.error().detail, mapped.error().os_error);
    }
  }
  if (auto first = go_first_without_memory(child.pid); !first) {
    TRY_VOID(last_words(ours.get()));
    return step_failed(LaunchStep::memory_score, first.error().detail, first.error().os_error);
  }
  if (send(ours.get(), "", 1, MSG_NOSIGNAL) != 1) {
    // The child has failed already and reported it.
    if (errno != EPIPE && errno != ECONNRESET) {
      return step_failed(LaunchStep::program, "send", errno);
    }
  }
  TRY_VOID(wait_for_exec(ours.get(), launch));
  unfinished.finish();
  return child;
}

}  // namespace cordon::jail
