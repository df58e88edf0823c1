// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One system call by number, with arguments that would make it succeed outside of a jail where that
// is possible without doing harm there. All others get an fd, a buffer and its size, which most
// calls of the table take.
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <array>

#include "tests/escape/attack.h"
#include "tests/escape/raw_syscall.h"

namespace cordon::escape {
namespace {

constexpr size_t kBufferSize = 4096;
alignas(4096) char g_buffer[kBufferSize];

using Arguments = std::array<uint64_t, 6>;

struct Plausible {
  long number;
  Arguments arguments;
};

Arguments plausible_arguments(long number) {
  const uint64_t buffer = address(g_buffer);
  constexpr uint64_t kCwd = static_cast<uint64_t>(AT_FDCWD);
  constexpr uint64_t kNoFd = ~uint64_t{0};
  static timespec short_time{0, 1000};
  const uint64_t time = address(&short_time);
  const uint64_t path = address("/");
  const Plausible table[] = {
      {SYS_open, {path, O_RDONLY}},
      {SYS_openat, {kCwd, path, O_RDONLY}},
      {SYS_creat, {address("/new"), 0600}},
      {SYS_stat, {path, buffer}},
      {SYS_lstat, {path, buffer}},
      {SYS_newfstatat, {kCwd, path, buffer, 0}},
      {SYS_access, {path, R_OK}},
      {SYS_chdir, {path}},
      {SYS_chroot, {path}},
      {SYS_mkdir, {address("/new"), 0700}},
      {SYS_unlink, {address("/new")}},
      {SYS_rename, {address("/a"), address("/b")}},
      {SYS_readlink, {address("/proc/self/exe"), buffer, kBufferSize}},
      {SYS_poll, {buffer, 0, 1}},
      {SYS_ppoll, {buffer, 0, time, 0, 8}},
      {SYS_select, {0, 0, 0, 0, buffer}},
      {SYS_pselect6, {0, 0, 0, 0, time, 0}},
      {SYS_nanosleep, {time, 0}},
      {SYS_clock_nanosleep, {CLOCK_MONOTONIC, 0, time, 0}},
      {SYS_clock_gettime, {CLOCK_MONOTONIC, buffer}},
      {SYS_futex, {buffer, FUTEX_WAKE_PRIVATE, 1}},
      {SYS_mmap, {0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, kNoFd, 0}},
      {SYS_mprotect, {buffer, 4096, PROT_READ | PROT_WRITE}},
      {SYS_munmap, {uint64_t{1} << 40, 4096}},
      {SYS_madvise, {buffer, 4096, MADV_NORMAL}},
      {SYS_brk, {0}},
      {SYS_rt_sigaction, {SIGUSR1, 0, buffer, 8}},
      {SYS_rt_sigprocmask, {SIG_BLOCK, 0, buffer, 8}},
      {SYS_ioctl, {STDIN_FILENO, FIONREAD, buffer}},
      {SYS_fcntl, {STDIN_FILENO, F_GETFL, 0}},
      {SYS_dup2, {STDIN_FILENO, 9}},
      {SYS_dup3, {STDIN_FILENO, 9, O_CLOEXEC}},
      {SYS_pipe, {buffer}},
      {SYS_pipe2, {buffer, O_CLOEXEC}},
      {SYS_socket, {AF_UNIX, SOCK_STREAM, 0}},
      {SYS_socketpair, {AF_UNIX, SOCK_STREAM, 0, buffer}},
      {SYS_clone, {SIGCHLD}},
      {SYS_execve, {address("/bin/true"), 0, 0}},
      {SYS_wait4, {kNoFd, buffer, 1, 0}},
      {SYS_kill, {1, 0}},
      {SYS_tkill, {1, 0}},
      {SYS_tgkill, {1, 1, 0}},
      {SYS_getrandom, {buffer, 16, 0}},
      {SYS_memfd_create, {address("x"), 0}},
      {SYS_getcwd, {buffer, kBufferSize}},
      {SYS_lseek, {STDIN_FILENO, 0, SEEK_CUR}},
      {SYS_pread64, {STDIN_FILENO, buffer, 16, 0}},
      {SYS_epoll_create1, {O_CLOEXEC}},
      {SYS_eventfd2, {0, O_CLOEXEC}},
      {SYS_prctl, {3 /* PR_GET_DUMPABLE */}},
      {SYS_arch_prctl, {0x1003 /* ARCH_GET_FS */, buffer}},
      {SYS_set_robust_list, {buffer, 24}},
      {SYS_sched_yield, {}},
      {SYS_exit, {3}},
      {SYS_exit_group, {3}},
  };
  for (const Plausible& row : table) {
    if (row.number == number) return row.arguments;
  }
  return {STDIN_FILENO, buffer, 64, 0, 0, 0};
}

}  // namespace

std::string returned(long result) { return "returned " + std::to_string(result); }

std::string attempt_syscall(const std::string& form, long number) {
  Arguments a = plausible_arguments(number);
  if (form == "int80") {
    return returned(raw_int80(number, static_cast<uint32_t>(a[0]), static_cast<uint32_t>(a[1]),
                              static_cast<uint32_t>(a[2])));
  }
  long in_form = form == "x32" ? number | kX32Bit : number;
  return returned(raw(in_form, a[0], a[1], a[2], a[3], a[4], a[5]));
}

}  // namespace cordon::escape
