// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operands of AArch64 instructions.
#pragma once

#include <cstdint>

#include "core/asm/label.h"

namespace cordon::arm64 {

// General registers. `sp` and `zr` have one number; each instruction determines which of them an
// operand is.
// clang-format off
enum class Gpr : uint8_t {
  x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, x12, x13, x14, x15, x16, x17, x18, x19, x20,
  x21, x22, x23, x24, x25, x26, x27, x28, x29, x30,
  sp = 31,
  zr = 32 | 31,
  no_gpr = 0xFF,  // a register that was not allocated: no instruction takes it
};
// clang-format on
enum class Width : uint8_t { W32, W64 };  // of an operation, in bits

// One enumerator for each row of conditions.def; its value is the four bits in the instruction.
enum class Cond : uint8_t {
#define CONDITION(name, code, suffix) name = code,
#include "core/asm/arm64/conditions.def"
};
// The condition that holds exactly when `cond` does not.
constexpr Cond negate(Cond cond) { return static_cast<Cond>(static_cast<uint8_t>(cond) ^ 1); }

using enum Gpr;
using enum Width;
using emit::Label;

// [base + offset], `base` a register or sp. The instruction checks that the offset fits.
struct Mem {
  Gpr base;
  int64_t offset = 0;
};

}  // namespace cordon::arm64
