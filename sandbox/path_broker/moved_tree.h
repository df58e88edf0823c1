// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Whether a file or directory may move to another directory without a symbolic link in it leading
// out of its grant afterwards ([F1]).
#pragma once

#include "sandbox/path_broker/inode.h"
#include "sandbox/path_broker/link_target.h"

namespace cordon::path_broker {

// `moved` is open (O_PATH suffices), and `inode` is its inode. 0 if it may move, or be renamed,
// from one directory to the other; EPERM for a link that would lead outside. A directory with such
// a link in it, or with too many entries to examine, is EXDEV: programs then copy it, link by link.
int check_move(const Place& from, const Place& to, int moved, const Inode& inode);

}  // namespace cordon::path_broker
