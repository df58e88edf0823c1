// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// CHECK: our own bugs. It aborts in every build, with file and line. Nothing that an attacker can
// choose may reach one: bad input is a Result (result.h), a guest's fault is a Trap (abi/traps.h).
// DCHECK is the same in builds without NDEBUG and costs nothing elsewhere; for measured hot loops.
#pragma once

namespace cordon {

// Prints `file:line: CHECK failed: expression` on fd 2 without allocating, then aborts.
[[noreturn]] void check_failed(const char* expression, const char* file, int line);

}  // namespace cordon

#define CHECK(condition)                        \
  (__builtin_expect(!!(condition), 1) ? (void)0 \
                                      : ::cordon::check_failed(#condition, __FILE__, __LINE__))
#ifdef NDEBUG
#define DCHECK(condition) ((void)0)
#else
#define DCHECK(condition) CHECK(condition)
#endif
