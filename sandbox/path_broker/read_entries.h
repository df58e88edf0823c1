// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A part of a directory's entries.
#pragma once

#include <vector>

#include "sandbox/protocol/messages.h"

namespace cordon::path_broker {

// Appends the entries from `cookie` on (the kernel's own d_off; 0 is the first), as many as fit a
// reply ([L1]). None and 0 is the end. `..` has the inode of the directory itself: its own could be
// that of a directory outside. Nothing is kept between calls, so a directory that changes meanwhile
// behaves as it does natively. Returns 0 or a positive errno.
int read_entries(int fd, uint64_t cookie, std::vector<protocol::DirEntry>& out);

}  // namespace cordon::path_broker
