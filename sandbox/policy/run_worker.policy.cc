// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The run worker's policy ([J2]). Each row is a hole in the jail and needs its reason. Left out on
// purpose: any call with a path, any that makes a descriptor or a process, any that makes memory
// executable, any that changes what belongs to a file rather than to its contents (fchmod,
// utimensat: an owner may do that to a file open for reading only, [F1]), any that can send a
// descriptor ([J4]). One comes only from the supervisor, which inserts it (pidfd_getfd below: a
// call that is never executed but answered from outside), and with a reply of the path broker.
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>

#include "sandbox/policy/tables.h"

namespace cordon::policy {
namespace {

// CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID. All others
// are useless here, or name another process or a device (negative numbers).
constexpr int kOwnClocks = 3;
static_assert(CLOCK_REALTIME == 0 && CLOCK_THREAD_CPUTIME_ID == kOwnClocks);

// Numbers 0 to 3.
constexpr int kStreamsAndChannel = 3;

// The three policies are parts of one table: its first rows are for code that comes while the guest
// runs, the next one for native code of any kind, and the last ones for code that is complete
// before the guest starts. A row of set-up ends the same call of a guest, so that RunAuto must lack
// them.
constexpr size_t kAutoRows = 4, kNativeRows = 1;
constexpr size_t kSetUpRows = 2, kNativeSetUpRows = 1;

constexpr Row kRows[] = {
    ASK(Guest, mmap, "machine code: the supervisor puts the memfd that it sealed under the number",
        IS(2, prot, PROT_READ | PROT_EXEC), IS(3, flags, MAP_SHARED | MAP_FIXED)),
    ROW(Guest, sendto, "requests for code", IS(0, fd, 3), IS(3, flags, MSG_NOSIGNAL | MSG_DONTWAIT),
        IS_NULL(4, address)),
    ROW(Guest, recvfrom, "whether a piece of code has come", IS(0, fd, 3),
        IS(3, flags, MSG_DONTWAIT), IS_NULL(4, address)),
    ROW(Guest, fcntl, "the seals of memfds: the job's, and those with code",
        IS(1, command, F_GET_SEALS)),
    ROW(Guest, rt_sigreturn, "back from the handler that makes traps of faults"),

    // Before the guest runs.
    ASK(SetUp, seccomp, "puts on the guest filter, at which the supervisor looks",
        IS(0, operation, SECCOMP_SET_MODE_FILTER), IS(1, flags, 0)),
    ROW(SetUp, mmap, "the module's and the configuration's bytes, read-only",
        IS(2, prot, PROT_READ), IS_WITH(3, flags, MAP_PRIVATE, MAP_POPULATE)),

    // The supervisor, by the channel.
    ROW(Guest, sendto, "the verdict", IS(0, fd, 3), IS(3, flags, MSG_NOSIGNAL),
        IS_NULL(4, address)),
    ROW(SetUp, recvfrom, "the job", IS(0, fd, 3), IS(3, flags, 0), IS_NULL(4, address)),
    // The path broker, by a channel that comes with the streams.
    ROW(Guest, sendto, "requests", IS(0, fd, 4), IS(3, flags, MSG_NOSIGNAL), IS_NULL(4, address)),
    ROW(Guest, recvmsg, "replies, and a file with them", IS(0, fd, 4),
        IS(2, flags, MSG_CMSG_CLOEXEC)),
    ASK(Guest, pidfd_getfd,
        "the job's memfds; after the guest filter the streams, and files that could not be sent",
        IS(2, flags, 0)),
    ROW(Guest, prctl, "no ptrace from here on", IS(0, option, PR_SET_DUMPABLE), IS(1, value, 0)),

    // Files that are open already: WASI's fd_* functions.
    ROW(Guest, readv, "fd_read"),
    ROW(Guest, preadv, "fd_pread"),
    ROW(Guest, write, "the message of a failed CHECK"),
    ROW(Guest, writev, "fd_write"),
    ROW(Guest, pwritev, "fd_pwrite"),
    ROW(Guest, lseek, "fd_seek, fd_tell"),
    ROW(Guest, fstat, "fd_filestat_get, and the size of a memfd"),
    ROW(Guest, ftruncate, "fd_filestat_set_size"),
    ROW(Guest, fallocate, "fd_allocate", IS(1, mode, 0)),
    ROW(Guest, fsync, "fd_sync"),
    ROW(Guest, fdatasync, "fd_datasync"),
    ROW(Guest, fadvise64, "fd_advise"),
    ROW(Guest, fcntl, "fd_fdstat_get", IS(1, command, F_GETFL)),
    ROW(Guest, fcntl, "fd_fdstat_set_flags", IS(1, command, F_SETFL), WITHIN(2, flags, O_APPEND)),
    NEVER(fcntl, "the flags of the user's streams, which others share with us",
          WITHIN(0, fd, kStreamsAndChannel), IS(1, command, F_SETFL)),
    ROW(Guest, ppoll, "poll_oneoff", IS_NULL(3, sigmask)),
    ROW(Guest, close, "fd_close"),

    // Time and random numbers.
    ROW(Guest, clock_gettime, "clock_time_get, where the vDSO cannot",
        WITHIN(0, clock, kOwnClocks)),
    ROW(Guest, clock_getres, "clock_res_get", WITHIN(0, clock, kOwnClocks)),
    ROW(Guest, getrandom, "random_get", IS(2, flags, 0)),
    ROW(Guest, sched_yield, "sched_yield"),

    // Memory that can never be executed ([W1]): the allocator, linear memories and their growth.
    ROW(Guest, mmap, "fresh memory, nowhere in particular", WITHIN(2, prot, PROT_READ | PROT_WRITE),
        IS_WITH(3, flags, MAP_PRIVATE | MAP_ANONYMOUS, MAP_NORESERVE)),
    ROW(Guest, munmap, "the allocator"),
    ROW(Guest, mprotect, "growing a memory into its reservation",
        WITHIN(2, prot, PROT_READ | PROT_WRITE)),
    ROW(Guest, brk, "the allocator"),

    // The end of the process, and continuing after a stop.
    ROW(Guest, exit_group, "the end"),
    ROW(Guest, restart_syscall, "the kernel resumes an interrupted sleep by it"),

#ifdef CORDON_SANITIZED
#include "sandbox/policy/sanitizer_rows.def"
#endif

    // Before the guest runs, unless code comes later.
    ROW(SetUp, fcntl, "the seals of the memfds that came with the job",
        IS(1, command, F_GET_SEALS)),
    ASK(SetUp, mmap, "machine code: the supervisor puts the memfd that it sealed under the number",
        IS(2, prot, PROT_READ | PROT_EXEC), IS(3, flags, MAP_SHARED | MAP_FIXED)),
};

}  // namespace

std::span<const Row> auto_run_worker_rows() {
  return std::span(kRows).first(std::size(kRows) - kSetUpRows);
}
std::span<const Row> native_run_worker_rows() { return std::span(kRows).subspan(kAutoRows); }
std::span<const Row> run_worker_rows() {
  const auto native = native_run_worker_rows();
  return native.subspan(kNativeRows, native.size() - kNativeRows - kNativeSetUpRows);
}

}  // namespace cordon::policy
