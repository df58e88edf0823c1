// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A slot: the unit of locals, operands, parameters and results in memory, and globals, in frames of
// generated code and of the interpreter, in outgoing areas and in instance contexts.
#pragma once

#include <cstdint>

#include "core/wasm/val_type.h"

namespace cordon::abi {

using wasm::slots_of;

inline constexpr uint32_t kSlotSize = sizeof(uint64_t);

// The bytes of so many slots, which are fewer than 2^29.
constexpr uint32_t slot_bytes(uint32_t slots) { return kSlotSize * slots; }

}  // namespace cordon::abi
