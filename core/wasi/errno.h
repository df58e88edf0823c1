// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Errno: the result of every WASI function. Made from errno.def; the numbers are the witx's.
#pragma once

#include <cstdint>

namespace cordon::wasi {

// witx `errno`; `success` is 0. Values are the guest's, not Linux's.
enum class Errno : uint16_t {
#define ERRNO(name, number, linux_errno) name = number,
#include "core/wasi/errno.def"
};

// A Linux errno (0: none) as WASI's. An errno that WASI lacks becomes `io`.
Errno from_linux(int error);

// The Errno for a system call's result, with the thread's errno if the result is -1.
Errno from_result(long result);

}  // namespace cordon::wasi
