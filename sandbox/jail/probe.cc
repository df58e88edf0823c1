// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/jail/probe.h"

#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/base/os/fd.h"
#include "sandbox/jail/cgroup.h"
#include "sandbox/jail/enter.h"
#include "sandbox/jail/reap.h"

namespace cordon::jail {
namespace {

// Newer than the oldest kernel headers that build this.
constexpr long kMseal = 462;
constexpr int kGetMdwe = 66;

// Runs `attempt` in a child made with `flags` and returns its result.
StepResult in_child(uint64_t flags, StepResult (*attempt)(const Settings&)) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return failed("socketpair");
  Fd ours(ends[0]), theirs(ends[1]);
  int pidfd = -1;
  const long pid = syscall(SYS_clone, flags | CLONE_PIDFD | SIGCHLD, nullptr, &pidfd, nullptr, 0);
  if (pid < 0) return failed("clone");
  if (pid == 0) {
    StepResult result = attempt == nullptr ? StepResult{} : attempt({});
    (void)!write(theirs.get(), &result, sizeof result);  // the copy's pointer is valid here too
    _exit(0);
  }
  theirs.reset();
  StepResult result{"the probe died", 0};
  (void)!recv(ours.get(), &result, sizeof result, 0);
  (void)reap(Fd(pidfd), kTimeToGo);  // [L1] it closes its copies of all descriptors
  return result;
}

std::string text_of(const StepResult& result) {
  if (result.done()) return "";
  std::string text = result.call;
  if (result.error != 0) text += std::string(": ") + std::strerror(result.error);
  return text;
}

// Each layer as the jail would make it, given the previous ones.
StepResult try_layer(Layer layer, LayerSet missing) {
  const uint64_t user = missing.has(Layer::user_namespace) ? 0 : CLONE_NEWUSER;
  switch (layer) {
    case Layer::user_namespace: return in_child(CLONE_NEWUSER, nullptr);
    case Layer::pid_namespace: return in_child(user | CLONE_NEWPID, nullptr);
    case Layer::network_namespace: return in_child(user, step::network_namespace);
    case Layer::ipc_namespace: return in_child(user, step::ipc_namespace);
    case Layer::uts_namespace: return in_child(user, step::uts_namespace);
    case Layer::empty_root: return in_child(user, step::empty_root);
    case Layer::landlock:
      return in_child(0, [](const Settings& settings) {
        StepResult first = step::no_new_privileges(settings);
        return first.done() ? step::landlock(settings) : first;
      });
  }
  return {"unknown layer", 0};
}

struct Requirement {
  std::string_view name, what;
  StepResult (*attempt)(const Settings&);
};

StepResult try_seccomp(const Settings&) {
  uint32_t action = SECCOMP_RET_KILL_PROCESS;
  if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) != 0) return failed("seccomp");
  return {};
}

StepResult try_close_range(const Settings&) {
  if (syscall(SYS_close_range, ~0U, ~0U, 0) != 0) return failed("close_range");
  return {};
}

// The supervisor's answers to a filter: a listener that it can take, descriptors that it can
// insert.
StepResult try_gate(const Settings&) {
  uint32_t action = SECCOMP_RET_USER_NOTIF;
  if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) != 0) return failed("seccomp");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed("prctl PR_SET_NO_NEW_PRIVS");
  sock_filter allow[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  sock_fprog program{1, allow};
  const long listener =
      syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
  if (listener < 0) return failed("seccomp listener");
  // There is no notification: ENOENT if the kernel knows the request (Linux 5.14), else EINVAL.
  seccomp_notif_addfd none{};
  none.flags = SECCOMP_ADDFD_FLAG_SEND;
  none.srcfd = static_cast<uint32_t>(listener);
  (void)ioctl(static_cast<int>(listener), SECCOMP_IOCTL_NOTIF_ADDFD, &none);
  return errno == ENOENT ? StepResult{} : failed("SECCOMP_IOCTL_NOTIF_ADDFD");
}

constexpr Requirement kRequirements[] = {
    {"seccomp", "system call filters that kill the process", try_seccomp},
    {"gate", "descriptors and executable mappings only from the supervisor", try_gate},
    {"no_new_privileges", "no program that could run has more rights", step::no_new_privileges},
    {"close_range", "nothing open but what was granted", try_close_range},
};

// The kernel's additions to the gate ([W1]), found out by a request without effect.
std::string gate_note() {
  const bool seals = syscall(kMseal, 0, 0, 0) == 0;
  const bool refuses = prctl(kGetMdwe, 0, 0, 0, 0) >= 0;
  return std::string("a worker's own text is ") +
         (seals ? "sealed (mseal)" : "not sealed: no mseal") +
         (refuses ? ", data never becomes code (PR_SET_MDWE)" : ", no PR_SET_MDWE");
}

// A control group, made as for a run.
LayerState try_cgroup() {
  LayerState state{
      "cgroup", "memory and processes of a run are counted together", false, false, true, ""};
  Result<std::optional<Cgroup>> made = Cgroup::make();
  Result<void> limited = made && *made ? (*made)->limit_memory(uint64_t{1} << 30) : Result<void>();
  if (!made || !limited) {
    state.why = (made ? limited.error() : made.error()).message();
  } else {
    state.available = made->has_value();
    state.why = state.available ? (*made)->path() : find_cgroup_place().why_not;
  }
  return state;
}

std::string landlock_note() {
  long abi = syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  std::string note = "ABI " + std::to_string(abi);
  if (abi < 4) note += ", which knows no network";
  return note;
}

}  // namespace

std::vector<LayerState> probe_layers() {
  std::vector<LayerState> states;
  LayerSet missing;
  for (size_t i = 0; i < kLayers.size(); ++i) {
    auto layer = static_cast<Layer>(i);
    StepResult result = try_layer(layer, missing);
    if (!result.done()) missing.add(layer);
    std::string why = text_of(result);
    if (layer == Layer::landlock && result.done()) why = landlock_note();
    states.push_back({kLayers[i].name, kLayers[i].what, result.done(), false, false, why});
  }
  for (const Requirement& needed : kRequirements) {
    StepResult result = in_child(0, needed.attempt);
    std::string why = text_of(result);
    if (needed.name == "gate" && result.done()) why = gate_note();
    states.push_back({needed.name, needed.what, result.done(), true, false, why});
  }
  states.push_back(try_cgroup());
  return states;
}

LayerSet missing_layers() {
  LayerSet missing;
  for (size_t i = 0; i < kLayers.size(); ++i) {
    if (!try_layer(static_cast<Layer>(i), missing).done()) missing.add(static_cast<Layer>(i));
  }
  return missing;
}

}  // namespace cordon::jail
