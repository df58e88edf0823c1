// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// HeapAddress: the only form in which generated code reaches linear memory ([M1]): memory base + a
// 32-bit index that was extended with zeros + a displacement below 2^31. Whatever the index is,
// that lands in the memory or its guards (core/runtime/memory.h). Only MacroAssembler::heap_address
// makes one from a guest's index and offset, and only MacroAssembler::heap turns one into a
// machine's operand.
#pragma once

#include <cstdint>

#include "core/jit/masm/registers.h"

namespace cordon::jit::masm {

inline constexpr uint64_t kDispLimit = uint64_t{1} << 31;

// REQUIRES: `index` is a register whose upper half is zero, and `disp` is below kDispLimit.
struct HeapAddress {
  Reg index = Reg::none;  // none: the displacement alone
  uint32_t disp = 0;
};

}  // namespace cordon::jit::masm
