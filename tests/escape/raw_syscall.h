// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// System calls in the three forms that an x86-64 kernel takes, by hand: attackers do not use the C
// library.
#pragma once

#include <cstdint>

namespace cordon::escape {

// The kernel's answer as it is: -errno for a failure.
inline long raw(long number, uint64_t a = 0, uint64_t b = 0, uint64_t c = 0, uint64_t d = 0,
                uint64_t e = 0, uint64_t f = 0) {
  register uint64_t r10 asm("r10") = d;
  register uint64_t r8 asm("r8") = e;
  register uint64_t r9 asm("r9") = f;
  long result;
  asm volatile("syscall"
               : "=a"(result)
               : "0"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  return result;
}

inline constexpr long kX32Bit = 0x40000000;

// The 32-bit entry of i386: other numbers, 32-bit arguments.
inline long raw_int80(long number, uint32_t a = 0, uint32_t b = 0, uint32_t c = 0) {
  long result;
  asm volatile("int $0x80"
               : "=a"(result)
               : "0"(number), "b"(a), "c"(b), "d"(c)
               : "r8", "r9", "r10", "r11", "memory");
  return result;
}

template <class T>
uint64_t address(T* pointer) {
  return reinterpret_cast<uint64_t>(pointer);
}

}  // namespace cordon::escape
