// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The path broker's policy ([J2] [F1]). Paths are in memory, where a filter cannot see them:
// Landlock and an empty root directory restrict what they reach. The rows are the calls that the
// resolver and the path service make. None makes a process, executable memory, a socket or a mount,
// changes an owner or a mode, or follows a path without RESOLVE_BENEATH, except to the parent of an
// open directory.
#include <fcntl.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "sandbox/policy/tables.h"

namespace cordon::policy {
namespace {

// 3 is the channel to the supervisor, 5 the one to the run worker, 4 where files are handed over
// (jail/steps.h).
constexpr Row kRows[] = {
    // Before it receives from the run worker.
    ASK(SetUp, seccomp, "puts on the guest filter, at which the supervisor looks",
        IS(0, operation, SECCOMP_SET_MODE_FILTER), IS(1, flags, 0)),

    // The run worker's messages.
    ROW(Guest, recvfrom, "requests", IS(0, fd, 5), IS(3, flags, 0), IS_NULL(4, address)),
    ROW(Guest, ioctl, "whether the last reply was taken", IS(0, fd, 5), IS(1, request, SIOCOUTQ)),
    ROW(Guest, sendto, "replies", IS(0, fd, 5), IS(3, flags, MSG_NOSIGNAL | MSG_DONTWAIT),
        IS_NULL(4, address)),
    ROW(Guest, sendto, "what the run worker did that it must not", IS(0, fd, 3),
        IS(3, flags, MSG_NOSIGNAL), IS_NULL(4, address)),
    ROW(Guest, sendmsg, "replies with an opened file", IS(0, fd, 5),
        IS(2, flags, MSG_NOSIGNAL | MSG_DONTWAIT)),
    ROW(Guest, dup3, "one that could not be sent, to where the supervisor takes it from",
        IS(1, newfd, 4), IS(2, flags, O_CLOEXEC)),

    // Paths.
    ROW(Guest, openat2, "the resolver"),
    ROW(Guest, fstat, "what was opened"),
    ROW(Guest, fstatfs, "on which file system it is"),
    ROW(Guest, readlinkat, "path_readlink, of an open link"),
    ROW(Guest, getdents64, "fd_readdir"),
    ROW(Guest, lseek, "fd_readdir from a cookie on"),
    ROW(Guest, mkdirat, "path_create_directory"),
    ROW(Guest, unlinkat, "path_unlink_file, path_remove_directory", WITHIN(2, flags, AT_REMOVEDIR)),
    ROW(Guest, renameat, "path_rename"),
    ROW(Guest, linkat, "path_link, which follows no link", IS(4, flags, 0)),
    ROW(Guest, symlinkat, "path_symlink"),
    ROW(Guest, utimensat, "the times of an open file", IS(3, flags, AT_EMPTY_PATH)),
    ROW(Guest, fsync, "fd_sync of a directory"),
    ROW(Guest, fcntl, "an opened file waits, and appends if it is to", IS(1, command, F_SETFL),
        WITHIN(2, flags, O_APPEND)),
    ROW(Guest, close, "what is open no longer"),

    // Memory that can never be executed ([W1]): the allocator.
    ROW(Guest, mmap, "fresh memory, nowhere in particular", WITHIN(2, prot, PROT_READ | PROT_WRITE),
        IS_WITH(3, flags, MAP_PRIVATE | MAP_ANONYMOUS, MAP_NORESERVE)),
    ROW(Guest, munmap, "the allocator"),
    ROW(Guest, mremap, "the allocator", IS(3, flags, MREMAP_MAYMOVE)),
    ROW(Guest, mprotect, "the allocator", WITHIN(2, prot, PROT_READ | PROT_WRITE)),
    ROW(Guest, brk, "the allocator"),

    // The end of the process.
    ROW(Guest, write, "the message of a failed CHECK"),
    ROW(Guest, exit_group, "the end"),
    ROW(Guest, restart_syscall, "the kernel resumes an interrupted wait by it"),

#ifdef CORDON_SANITIZED
#include "sandbox/policy/sanitizer_rows.def"
#endif
};

}  // namespace

std::span<const Row> path_broker_rows() { return kRows; }

}  // namespace cordon::policy
