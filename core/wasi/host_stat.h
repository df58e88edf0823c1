// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// fstat(2) of a descriptor of this process, and stat as the guest sees it.
#pragma once

#include "core/wasi/abi.h"
#include "core/wasi/path_broker.h"

namespace cordon::wasi {

// fstat(2). `out` is written on success only; otherwise returns the errno as WASI's.
Errno stat_host(int fd, FileStat& out);
// The same file in the guest's layout, padding zero.
Filestat to_guest(const FileStat& stat);

}  // namespace cordon::wasi
