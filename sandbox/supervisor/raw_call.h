// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A system call without the C library, for the processes that share the supervisor's memory
// (watchdog.h, closer.h): they have no errno and no thread-local storage of their own.
#pragma once

namespace cordon::supervisor {

// The kernel's own result: a negative errno if it refuses.
__attribute__((no_sanitize("all"))) inline long raw_call(long number, long a = 0, long b = 0,
                                                         long c = 0, long d = 0, long e = 0) {
  register long r10 asm("r10") = d;
  register long r8 asm("r8") = e;
  long result;
  asm volatile("syscall"
               : "=a"(result)
               : "0"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
               : "rcx", "r11", "memory");
  return result;
}

inline long address(const void* pointer) { return reinterpret_cast<long>(pointer); }

}  // namespace cordon::supervisor
