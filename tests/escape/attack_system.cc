// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Attempts on files, other processes and the jail itself ([J2], [J3]).
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "tests/escape/attack.h"
#include "tests/escape/raw_syscall.h"

#define UNUSED_CHANNEL [[maybe_unused]] protocol::Channel& channel

namespace cordon::escape {
namespace {

constexpr uint64_t kCwd = static_cast<uint64_t>(AT_FDCWD);
constexpr uint64_t kParent = 1;  // in a pid namespace of its own there is no better guess

struct KernelSigaction {
  void (*handler)(int);
  unsigned long flags;
  void (*restorer)();
  uint64_t mask;
};

void go_on(int) {}

}  // namespace

std::string open_proc_self_mem(UNUSED_CHANNEL) {
  return returned(raw(SYS_open, address("/proc/self/mem"), O_RDWR));
}
std::string openat_etc_passwd(UNUSED_CHANNEL) {
  return returned(raw(SYS_openat, kCwd, address("/etc/passwd"), O_RDONLY));
}
std::string openat2_root(UNUSED_CHANNEL) {
  open_how how{};
  how.flags = O_PATH;
  return returned(raw(SYS_openat2, kCwd, address("/"), address(&how), sizeof how));
}
std::string ptrace_traceme(UNUSED_CHANNEL) { return returned(raw(SYS_ptrace, PTRACE_TRACEME)); }
std::string ptrace_parent(UNUSED_CHANNEL) {
  return returned(raw(SYS_ptrace, PTRACE_SEIZE, kParent));
}
std::string process_vm_write(UNUSED_CHANNEL) {
  iovec part{const_cast<char*>("x"), 1};
  return returned(raw(SYS_process_vm_writev, kParent, address(&part), 1, address(&part), 1, 0));
}
std::string kill_parent(UNUSED_CHANNEL) { return returned(raw(SYS_kill, kParent, SIGKILL)); }
std::string kill_everyone(UNUSED_CHANNEL) {
  return returned(raw(SYS_kill, static_cast<uint64_t>(-1), SIGKILL));
}
std::string tgkill_self(UNUSED_CHANNEL) { return returned(raw(SYS_tgkill, 1, 1, SIGTERM)); }
std::string pidfd_open_parent(UNUSED_CHANNEL) { return returned(raw(SYS_pidfd_open, kParent, 0)); }
std::string fork_process(UNUSED_CHANNEL) { return returned(raw(SYS_fork)); }
std::string vfork_process(UNUSED_CHANNEL) { return returned(raw(SYS_vfork)); }
std::string clone_process(UNUSED_CHANNEL) { return returned(raw(SYS_clone, SIGCHLD)); }
std::string clone_thread(UNUSED_CHANNEL) {
  constexpr uint64_t kThread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;
  static char stack[16384];
  return returned(raw(SYS_clone, kThread, address(stack + sizeof stack)));
}
std::string clone3_process(UNUSED_CHANNEL) {
  uint64_t arguments[11] = {0, 0, 0, 0, SIGCHLD};
  return returned(raw(SYS_clone3, address(arguments), sizeof arguments));
}
std::string unshare_user(UNUSED_CHANNEL) { return returned(raw(SYS_unshare, CLONE_NEWUSER)); }
std::string setns_somewhere(UNUSED_CHANNEL) { return returned(raw(SYS_setns, STDIN_FILENO, 0)); }
std::string socket_inet(UNUSED_CHANNEL) {
  return returned(raw(SYS_socket, AF_INET, SOCK_STREAM, 0));
}
std::string socket_unix(UNUSED_CHANNEL) {
  int ends[2];
  return returned(raw(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, address(ends)));
}
std::string push_terminal_input(UNUSED_CHANNEL) {
  return returned(raw(SYS_ioctl, STDIN_FILENO, TIOCSTI, address("x")));
}
std::string io_uring(UNUSED_CHANNEL) {
  char parameters[120] = {};
  return returned(raw(SYS_io_uring_setup, 8, address(parameters)));
}
std::string load_bpf(UNUSED_CHANNEL) {
  char attributes[128] = {};
  return returned(raw(SYS_bpf, 5, address(attributes), sizeof attributes));
}
std::string userfault(UNUSED_CHANNEL) { return returned(raw(SYS_userfaultfd, O_CLOEXEC)); }
std::string mount_something(UNUSED_CHANNEL) {
  return returned(raw(SYS_mount, address("none"), address("/"), address("tmpfs"), MS_NOSUID, 0));
}
std::string new_seccomp_filter(UNUSED_CHANNEL) {
  sock_filter allow[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  sock_fprog program{1, allow};
  return returned(raw(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
                      address(&program)));
}
std::string another_guest_filter(UNUSED_CHANNEL) {
  sock_filter allow[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  sock_fprog program{1, allow};
  return returned(raw(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, address(&program)));
}
std::string become_undumpable_again(UNUSED_CHANNEL) {
  return (raw(SYS_prctl, PR_SET_DUMPABLE, 0) == 0 ? "powerless" : "refused");
}
std::string flags_of_a_shared_stream(UNUSED_CHANNEL) {
  return returned(raw(SYS_fcntl, STDOUT_FILENO, F_SETFL, O_APPEND));
}
std::string flags_of_a_shared_stream_by_upper_bits(UNUSED_CHANNEL) {
  return returned(raw(SYS_fcntl, (uint64_t{1} << 40) | STDOUT_FILENO, F_SETFL, O_APPEND));
}
std::string nonblocking_stream(UNUSED_CHANNEL) {
  return returned(raw(SYS_fcntl, STDIN_FILENO, F_SETFL, O_NONBLOCK));
}
std::string raise_limits(UNUSED_CHANNEL) {
  rlimit64 unlimited{RLIM64_INFINITY, RLIM64_INFINITY};
  return returned(raw(SYS_prlimit64, 0, RLIMIT_DATA, address(&unlimited), 0));
}
std::string become_dumpable(UNUSED_CHANNEL) { return returned(raw(SYS_prctl, PR_SET_DUMPABLE, 1)); }
std::string outlive_the_parent(UNUSED_CHANNEL) {
  return returned(raw(SYS_prctl, PR_SET_PDEATHSIG, 0));
}
std::string timer_with_thread(UNUSED_CHANNEL) {
  sigevent event{};
  int timer;
  return returned(raw(SYS_timer_create, CLOCK_MONOTONIC, address(&event), address(&timer)));
}
std::string change_mode_of_a_granted_file(UNUSED_CHANNEL) {
  return returned(raw(SYS_fchmod, STDOUT_FILENO, 04777));
}
std::string survive_sigsys_by_handler(UNUSED_CHANNEL) {
  KernelSigaction action{go_on, 0x04000000 /* SA_RESTORER */, nullptr, 0};
  raw(SYS_rt_sigaction, SIGSYS, address(&action), 0, sizeof action.mask);
  return "went on after getppid, " + returned(raw(SYS_getppid));
}
std::string survive_sigsys_by_mask(UNUSED_CHANNEL) {
  uint64_t all = ~uint64_t{0};
  raw(SYS_rt_sigprocmask, SIG_BLOCK, address(&all), 0, sizeof all);
  return "went on after getppid, " + returned(raw(SYS_getppid));
}
// time() of the page that old kernels had all programs call: emulated, and so under the filter.
std::string call_vsyscall(UNUSED_CHANNEL) {
  reinterpret_cast<long (*)(long*)>(0xffffffffff600400)(nullptr);
  return "the vsyscall page answered";
}
std::string forge_a_signal_frame(UNUSED_CHANNEL) {
  return "went on after rt_sigreturn, " + returned(raw(SYS_rt_sigreturn));
}
std::string signals_from_a_descriptor(UNUSED_CHANNEL) {
  return returned(raw(SYS_fcntl, STDIN_FILENO, F_SETFL, O_ASYNC));
}
std::string own_a_descriptor(UNUSED_CHANNEL) {
  return returned(raw(SYS_fcntl, STDIN_FILENO, F_SETOWN, 1));
}
std::string duplicate_a_descriptor(UNUSED_CHANNEL) {
  return returned(raw(SYS_fcntl, STDIN_FILENO, F_DUPFD, 100));
}
std::string clock_of_a_device(UNUSED_CHANNEL) {
  timespec time;
  // FD_TO_CLOCKID(0) of clock_getcpuclockid(3)'s kernel encoding.
  return returned(raw(SYS_clock_gettime, static_cast<uint64_t>((~0L << 3) | 3), address(&time)));
}
std::string stop_itself(UNUSED_CHANNEL) {
  raw(SYS_kill, 1, SIGSTOP);
  return "went on after SIGSTOP";
}

std::string spin_forever(UNUSED_CHANNEL) {
  for (;;) asm volatile("");
}
std::string read_null(UNUSED_CHANNEL) {
  const volatile char* volatile null = nullptr;
  return returned(*null);
}
std::string illegal_instruction(UNUSED_CHANNEL) {
  asm volatile("ud2");
  return "ud2 did nothing";
}
std::string privileged_instruction(UNUSED_CHANNEL) {
  asm volatile("hlt");
  return "hlt did nothing";
}
std::string overflow_the_stack(protocol::Channel& channel) {
  volatile char frame[65536];
  frame[0] = static_cast<char>(channel.fd());
  if (frame[0] < 0)
    return "the channel is closed";  // never: the recursion needs a way out to compile
  return overflow_the_stack(channel) + static_cast<char>(frame[0]);
}

}  // namespace cordon::escape
