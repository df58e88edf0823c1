// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The trace worker's policy ([J2]): the module in, names and lines out. It reads the module from
// one sealed memfd and sends messages; it opens, writes, maps and runs nothing else. One thread.
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>

#include "sandbox/policy/tables.h"

namespace cordon::policy {
namespace {

constexpr Row kRows[] = {
    // Before it reads the module.
    ASK(SetUp, pidfd_getfd, "the module: the supervisor puts it in", IS(2, flags, 0)),
    ASK(SetUp, seccomp, "puts on the guest filter, at which the supervisor looks",
        IS(0, operation, SECCOMP_SET_MODE_FILTER), IS(1, flags, 0)),
    ROW(SetUp, recvfrom, "the job", IS(0, fd, 3), IS(3, flags, 0), IS_NULL(4, address)),
    ROW(SetUp, fcntl, "the seals of the module", IS(1, command, F_GET_SEALS)),
    ROW(SetUp, fstat, "its size"),
    ROW(SetUp, mmap, "its bytes, read-only", IS(2, prot, PROT_READ), IS(3, flags, MAP_PRIVATE)),
    ROW(SetUp, close, "the module's memfd, and the listener"),

    // The answer.
    ROW(Guest, sendto, "the answer", IS(0, fd, 3), IS(3, flags, MSG_NOSIGNAL), IS_NULL(4, address)),
    ROW(Guest, prctl, "no ptrace from here on", IS(0, option, PR_SET_DUMPABLE), IS(1, value, 0)),
    ROW(Guest, write, "the message of a failed CHECK, to /dev/null", IS(0, fd, 2)),

    // Memory that can never be executed ([W1]): the allocator.
    ROW(Guest, mmap, "fresh memory, nowhere in particular", WITHIN(2, prot, PROT_READ | PROT_WRITE),
        IS_WITH(3, flags, MAP_PRIVATE | MAP_ANONYMOUS, MAP_NORESERVE)),
    ROW(Guest, munmap, "the allocator"),
    ROW(Guest, mremap, "the allocator, for what is large", WITHIN(3, flags, MREMAP_MAYMOVE)),
    ROW(Guest, mprotect, "the allocator", WITHIN(2, prot, PROT_READ | PROT_WRITE)),
    ROW(Guest, brk, "the allocator"),
    ROW(Guest, futex, "what is made once says so, to nobody", IS(1, operation, FUTEX_WAKE_PRIVATE)),

    // The end of the process.
    ROW(Guest, exit_group, "the end"),
    ROW(Guest, restart_syscall, "the kernel resumes an interrupted wait by it"),

#ifdef CORDON_SANITIZED
#include "sandbox/policy/sanitizer_rows.def"
#endif
};

}  // namespace

std::span<const Row> trace_worker_rows() { return kRows; }

}  // namespace cordon::policy
