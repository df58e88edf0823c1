// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The compile worker's policy ([J2]): bytes in, bytes out. It reads the module from one sealed
// memfd, and writes the code into another, of its own making. [W2] It can make nothing executable,
// so what it writes it can not run. One thread: the filters allow no other.
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>

#include "sandbox/policy/tables.h"

namespace cordon::policy {
namespace {

// memfd_create's flags as core/base/os/memfd.cc gives them, the last where the kernel knows it
// (MFD_NOEXEC_SEAL).
constexpr unsigned kNoExecSeal = 0x0008U;
constexpr unsigned kAllSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

constexpr Row kRows[] = {
    // Before it looks at the module.
    ROW(SetUp, seccomp, "puts on the second filter", IS(0, operation, SECCOMP_SET_MODE_FILTER),
        IS(1, flags, 0)),
    ROW(SetUp, recvmsg, "the job", IS(0, fd, 3), IS(2, flags, MSG_CMSG_CLOEXEC)),
    ROW(SetUp, fcntl, "the seals of the module", IS(1, command, F_GET_SEALS)),
    ROW(SetUp, fstat, "its size"),
    ROW(SetUp, mmap, "its bytes, read-only", IS(2, prot, PROT_READ),
        IS(3, flags, MAP_PRIVATE | MAP_POPULATE)),

    // The code: into a memfd, sealed, to the supervisor.
    ROW(Guest, memfd_create, "where the code goes",
        IS_WITH(1, flags, MFD_CLOEXEC | MFD_ALLOW_SEALING | kNoExecSeal, kNoExecSeal)),
    ROW(Guest, write, "the code, and the message of a failed CHECK"),
    ROW(Guest, fcntl, "nobody can change the code from here on", IS(1, command, F_ADD_SEALS),
        IS(2, seals, kAllSeals)),
    ROW(Guest, sendmsg, "the answer", IS(0, fd, 3), IS(2, flags, MSG_NOSIGNAL)),
    ROW(Guest, close, "the module's memfd"),

    // Memory that can never be executed ([W1] [W2]): the allocator.
    ROW(Guest, mmap, "fresh memory, nowhere in particular", WITHIN(2, prot, PROT_READ | PROT_WRITE),
        IS_WITH(3, flags, MAP_PRIVATE | MAP_ANONYMOUS, MAP_NORESERVE)),
    ROW(Guest, munmap, "the allocator"),
    ROW(Guest, mprotect, "the allocator", WITHIN(2, prot, PROT_READ | PROT_WRITE)),
    ROW(Guest, brk, "the allocator"),

    // The end.
    ROW(Guest, clock_gettime, "how long it took, where the vDSO can not",
        IS(0, clock, CLOCK_MONOTONIC)),
    ROW(Guest, exit_group, "the end"),
    ROW(Guest, restart_syscall, "the kernel resumes an interrupted wait by it"),

#ifdef CORDON_SANITIZED
#include "sandbox/policy/sanitizer_rows.def"
#endif
};

}  // namespace

std::span<const Row> compile_worker_rows() { return kRows; }

}  // namespace cordon::policy
