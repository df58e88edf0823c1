// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The compile worker's policy ([J2]): bytes in, bytes out. It reads the module from one sealed
// memfd, and writes the code into others that the supervisor makes and seals ([J4]). [W2] It can
// make nothing executable, so it cannot run what it writes. One thread: the filters allow no
// other.
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

// The first row is for code that is made as it is needed, the last one for all others: a row of
// set-up ends the same call afterwards.
constexpr size_t kAutoRows = 1, kSetUpRows = 1;

constexpr Row kRows[] = {
    ROW(Guest, recvfrom, "the job, and of which function code is wanted next", IS(0, fd, 3),
        IS(3, flags, 0), IS_NULL(4, address)),

    // Before it reads the module.
    ASK(SetUp, seccomp, "puts on the guest filter, at which the supervisor looks",
        IS(0, operation, SECCOMP_SET_MODE_FILTER), IS(1, flags, 0)),
    ROW(SetUp, fcntl, "the seals of the module", IS(1, command, F_GET_SEALS)),
    ROW(SetUp, fstat, "its size"),
    ROW(SetUp, mmap, "its bytes, read-only", IS(2, prot, PROT_READ),
        IS(3, flags, MAP_PRIVATE | MAP_POPULATE)),

    // The code: into a memfd of the supervisor, and the message that it is complete.
    ASK(Guest, pidfd_getfd, "the module, and room for code: the supervisor puts them in",
        IS(2, flags, 0)),
    ROW(Guest, write, "the code, and the message of a failed CHECK"),
    ROW(Guest, sendto, "the answer", IS(0, fd, 3), IS(3, flags, MSG_NOSIGNAL), IS_NULL(4, address)),
    ROW(Guest, close, "the module's memfd, and the code's"),
    ROW(Guest, prctl, "no ptrace from here on", IS(0, option, PR_SET_DUMPABLE), IS(1, value, 0)),

    // Memory that can never be executed ([W1] [W2]): the allocator.
    ROW(Guest, mmap, "fresh memory, nowhere in particular", WITHIN(2, prot, PROT_READ | PROT_WRITE),
        IS_WITH(3, flags, MAP_PRIVATE | MAP_ANONYMOUS, MAP_NORESERVE)),
    ROW(Guest, munmap, "the allocator"),
    ROW(Guest, mprotect, "the allocator", WITHIN(2, prot, PROT_READ | PROT_WRITE)),
    ROW(Guest, brk, "the allocator"),

    // The end of the process.
    ROW(Guest, clock_gettime, "how long it took, where the vDSO cannot",
        IS(0, clock, CLOCK_MONOTONIC)),
    ROW(Guest, exit_group, "the end"),
    ROW(Guest, restart_syscall, "the kernel resumes an interrupted wait by it"),

#ifdef CORDON_SANITIZED
#include "sandbox/policy/sanitizer_rows.def"
#endif

    ROW(SetUp, recvfrom, "the job", IS(0, fd, 3), IS(3, flags, 0), IS_NULL(4, address)),
};

}  // namespace

std::span<const Row> auto_compile_worker_rows() {
  return std::span(kRows).first(std::size(kRows) - kSetUpRows);
}
std::span<const Row> compile_worker_rows() { return std::span(kRows).subspan(kAutoRows); }

}  // namespace cordon::policy
