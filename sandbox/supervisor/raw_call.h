// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A system call without the C library, for the processes that share the supervisor's memory
// (watchdog.h, closer.h): they have no errno and no thread-local storage of their own. This header
// selects the machine's.
#pragma once

#if defined(__x86_64__)
#include "sandbox/supervisor/x64/raw_call.h"
#else
#error \
    "no system call without the C library for this machine yet (sandbox/supervisor/x64/raw_call.h)"
#endif

namespace cordon::supervisor {

// A pointer as the argument of a system call.
inline long address(const void* pointer) { return reinterpret_cast<long>(pointer); }

}  // namespace cordon::supervisor
