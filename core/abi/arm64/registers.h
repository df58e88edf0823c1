// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The registers of AArch64 in their roles, by the hardware's numbers, and what else calls and code
// are like there. Names are those of the procedure call standard (AAPCS64, section 6.1). Read
// through core/abi/registers.h. No compiler makes code for it yet.
#pragma once

#include <array>
#include <cstdint>

namespace cordon::abi::arm64 {

// Numbers of general registers, and of those for floats, are below these. Number 31 is sp or zero,
// by the instruction.
inline constexpr uint32_t kRegisterCount = 31, kFloatRegisterCount = 32;

// Registers that the standard gives a name and a use of their own.
inline constexpr uint8_t kIp0 = 16, kIp1 = 17;  // a linker's stubs may change them in any call
inline constexpr uint8_t kPlatform = 18;        // the operating system's
inline constexpr uint8_t kFramePointer = 29, kLinkRegister = 30;

// Pinned: guest code never writes the first two, and the third only as a frame begins and ends.
// The standard keeps the first two over calls of C++.
inline constexpr uint8_t kContext = 28;       // x28
inline constexpr uint8_t kMemoryBase = 27;    // x27
inline constexpr uint8_t kStackPointer = 31;  // sp

// Not x0, which a result comes in and C++ takes the context of a builtin in.
inline constexpr std::array<uint8_t, 7> kIntParams = {1, 2, 3, 4, 5, 6, 7};
inline constexpr std::array<uint8_t, 7> kFloatParams = {1, 2, 3, 4, 5, 6, 7};
inline constexpr uint8_t kIntResult = 0;
inline constexpr uint8_t kFloatResult = 0;
// Arguments of builtins, where C++ wants its second to sixth, and what call_foreign takes its
// FuncView* in.
inline constexpr std::array<uint8_t, 5> kBuiltinParams = {1, 2, 3, 4, 5};
inline constexpr uint8_t kForeignFunc = kIp0;

// `bl` leaves it in the link register, and a function's first instruction pushes that: 16 bytes,
// since sp must be on a multiple of 16 wherever it is a base (AAPCS64, section 6.4.5.1).
inline constexpr uint32_t kReturnAddress = 16;

// A direct call or jump reaches less than this far, forward or back: 26 bits of words.
inline constexpr uint64_t kBranchReach = uint64_t{1} << 27;
// A slot of the table of entries: a jump, which reaches all of the code space, and padding.
inline constexpr uint32_t kEntrySlot = 8;
// Stands between functions: words of zeroes are udf #0, so that whoever gets there ends.
inline constexpr uint8_t kPadding = 0;

}  // namespace cordon::abi::arm64
