// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Errno: what every WASI function answers with. Made from errno.def; the numbers are the witx's.
#pragma once

#include <cstdint>

namespace cordon::wasi {

// witx `errno`; `success` is 0. Values are the guest's, not Linux's.
enum class Errno : uint16_t {
#define ERRNO(name, number, linux_errno) name = number,
#include "core/wasi/errno.def"
};

// A Linux errno (0: none) as WASI's. One that WASI does not know becomes `io`.
Errno from_linux(int error);

// The result of a system call that gives -1 on failure, with the thread's errno.
Errno from_result(long result);

}  // namespace cordon::wasi
