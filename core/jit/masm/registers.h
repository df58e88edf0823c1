// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Registers as the compilers see them: numbers without a meaning, and their roles as lists that
// the machine's folder defines. Each register is in exactly one of three states: a role that is not
// to be allocated (context, memory base, stack, scratch), one of kPinnable (homes of hot locals, in
// the order of their cost), or a temporary. What a compiler must know of the machine beyond that is
// said there as a constant, never as a name.
#pragma once

#include <cstdint>

#include "core/abi/registers.h"
#include "core/jit/masm/reg.h"

#if defined(CORDON_MACHINE_X64)
#include "core/jit/masm/x64/registers.h"
#else
#error "no macro assembler for this machine yet (core/jit/masm/concept.h says what it must offer)"
#endif

namespace cordon::jit::masm {

inline constexpr Reg kResult = reg(abi::kIntResult);
inline constexpr FReg kFResult = freg(abi::kFloatResult);

// A set is a bit a register; every parameter may stay where it comes in.
template <class List>
constexpr uint32_t set_of(const List& list) {
  uint32_t set = 0;
  for (const auto r : list) set |= uint32_t{1} << static_cast<unsigned>(r);
  return set;
}
static_assert((set_of(kPinnable) & kTemps) == 0 && (set_of(kFPinnable) & kFTemps) == 0);
static_assert(((set_of(kPinnable) | kTemps) &
               (bit(kScratch) | bit(reg(abi::kContext)) | bit(reg(abi::kMemoryBase)) |
                bit(reg(abi::kStackPointer)))) == 0 &&
              ((set_of(kFPinnable) | kFTemps) & bit(kFScratch)) == 0);
static_assert((set_of(abi::kIntParams) & ~set_of(kPinnable)) == 0 &&
              (set_of(abi::kFloatParams) & ~set_of(kFPinnable)) == 0);
static_assert((kTemps & bit(kResult)) != 0 && (kFTemps & bit(kFResult)) != 0);

}  // namespace cordon::jit::masm
