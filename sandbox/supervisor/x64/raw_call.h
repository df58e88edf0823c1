// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// raw_call() of x86-64 (System V ABI, A.2.1). Read through sandbox/supervisor/raw_call.h.
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

}  // namespace cordon::supervisor
