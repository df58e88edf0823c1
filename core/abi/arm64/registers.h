// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The registers of AArch64 in their roles, by the hardware's numbers, and other facts about its
// calls and code. Names are those of the procedure call standard (AAPCS64, section 6.1). Read
// through core/abi/registers.h. No compiler makes code for it yet.
#pragma once

#include <array>
#include <cstdint>

namespace cordon::abi::arm64 {

// Numbers of general registers, and of those for floats, are below these. Number 31 is sp or the
// zero register, depending on the instruction.
inline constexpr uint32_t kRegisterCount = 31, kFloatRegisterCount = 32;

// Registers that the standard names and reserves for a purpose.
inline constexpr uint8_t kIp0 = 16, kIp1 = 17;  // a linker's stubs may change them in any call
inline constexpr uint8_t kPlatform = 18;        // the operating system's
inline constexpr uint8_t kFramePointer = 29, kLinkRegister = 30;

// Pinned: guest code never writes the first two, and the third only at a frame's begin and end. C++
// code preserves the first two.
inline constexpr uint8_t kContext = 28;       // x28
inline constexpr uint8_t kMemoryBase = 27;    // x27
inline constexpr uint8_t kStackPointer = 31;  // sp

// Not x0, which holds a result, and the context of a builtin for C++.
inline constexpr std::array<uint8_t, 7> kIntParams = {1, 2, 3, 4, 5, 6, 7};
inline constexpr std::array<uint8_t, 7> kFloatParams = {1, 2, 3, 4, 5, 6, 7};
inline constexpr uint8_t kIntResult = 0;
inline constexpr uint8_t kFloatResult = 0;
// Arguments of builtins, in the registers of C++'s second to sixth; and the register in which
// call_foreign takes its FuncView*.
inline constexpr std::array<uint8_t, 5> kBuiltinParams = {1, 2, 3, 4, 5};
inline constexpr uint8_t kForeignFunc = kIp0;

// `bl` puts it into the link register, and a function's first instruction pushes that: 16 bytes,
// since sp must be a multiple of 16 wherever it is a base (AAPCS64, section 6.4.5.1).
inline constexpr uint32_t kReturnAddress = 16;

// A direct call or jump reaches less far than this, forward or back: 26 bits of words.
inline constexpr uint64_t kBranchReach = uint64_t{1} << 27;
// A slot of the table of entries: a jump, which reaches the whole code space, and padding.
inline constexpr uint32_t kEntrySlot = 8;
// The byte between functions: a word of zeroes is udf #0, which traps.
inline constexpr uint8_t kPadding = 0;

}  // namespace cordon::abi::arm64
