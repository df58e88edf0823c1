// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The broker's queries about an open file (O_PATH suffices). Every function returns 0 or a positive
// errno.
#pragma once

#include <sys/types.h>

#include <string>

#include "sandbox/protocol/messages.h"

namespace cordon::path_broker {

// The result of fstat(2) for an open file. Times in nanoseconds.
struct Inode {
  protocol::FileStat stat;
  dev_t device = 0;  // of a device node (st_rdev)

  // By device and number, while both are open.
  bool is_same_file(const Inode& other) const {
    return stat.dev == other.stat.dev && stat.ino == other.stat.ino;
  }
};

// fstat(2); `out` is written on success only.
int read_inode(int fd, Inode& out);

// The target of the symbolic link that is open at `fd`.
int read_link(int fd, std::string& out);

// Whether a file of this kind may be opened: 0 for regular files, directories and the harmless
// devices (null, zero, full, random, urandom); ELOOP for symbolic links, as open(2) gives with
// O_NOFOLLOW; ENXIO for sockets; EACCES for every other device and fifos.
int check_kind(const Inode& inode);

}  // namespace cordon::path_broker
