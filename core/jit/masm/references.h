// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// References from code to targets without a place yet: a number, by its upper bits. Made by the
// macro assembler, moved and filled in by the linker, which knows the places.
#pragma once

#include <cstdint>

#include "core/base/bytes.h"

namespace cordon::jit::masm {

inline constexpr uint32_t kRefersToBody = 0x4000'0000;    // | offset in the body, from its prologue
inline constexpr uint32_t kRefersToRodata = 0x8000'0000;  // | offset in the chunk's read-only data
inline constexpr uint32_t kRefersToCommon = 0xC000'0000;  // | offset in common_constants()
// Without either: a function index of the module.

// The read-only data that every module has, at the start of its part; on a multiple of 16.
ByteSpan common_constants();

}  // namespace cordon::jit::masm
