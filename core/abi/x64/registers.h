// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The registers of x86-64 in their roles, by the hardware's numbers, and other facts about its
// calls and code (docs/generated-code.md, sections 1 to 3). Read through core/abi/registers.h.
#pragma once

#include <array>
#include <cstdint>

namespace cordon::abi::x64 {

// Numbers of general registers, and of those for floats, are below these.
inline constexpr uint32_t kRegisterCount = 16, kFloatRegisterCount = 16;

// Pinned: guest code never writes the first two, and the third only at a frame's begin and end.
inline constexpr uint8_t kContext = 14;      // r14
inline constexpr uint8_t kMemoryBase = 15;   // r15
inline constexpr uint8_t kStackPointer = 4;  // rsp

inline constexpr std::array<uint8_t, 6> kIntParams = {6, 7, 3, 5, 8, 9};  // rsi rdi rbx rbp r8 r9
inline constexpr std::array<uint8_t, 8> kFloatParams = {2, 3, 4, 5, 6, 7, 8, 9};  // xmm
inline constexpr uint8_t kIntResult = 0;                                          // rax
inline constexpr uint8_t kFloatResult = 0;                                        // xmm0
// Arguments of builtins; and the register in which call_foreign takes its FuncView*, and call_own
// the number of a function.
inline constexpr std::array<uint8_t, 5> kBuiltinParams = {6, 2, 1, 8, 9};  // rsi rdx rcx r8 r9
inline constexpr uint8_t kForeignFunc = 11;                                // r11

// `call` pushes it.
inline constexpr uint32_t kReturnAddress = 8;

// A direct call or jump reaches less far than this, forward or back.
inline constexpr uint64_t kBranchReach = uint64_t{1} << 31;
// A slot of the table of entries: a jump with a 32-bit distance, and padding.
inline constexpr uint32_t kEntrySlot = 8;
// The byte between functions: int3, which stops control that gets there.
inline constexpr uint8_t kPadding = 0xCC;

}  // namespace cordon::abi::x64
