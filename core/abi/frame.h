// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The numbers of a frame on which compiler, verifier, interpreter and runtime agree
// (docs/generated-code.md, section 3).
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/abi/convention.h"
#include "core/abi/slot.h"
#include "core/wasm/call_slots.h"
#include "core/wasm/validated.h"

namespace cordon::abi {

// A frame of up to this size, in bytes, need not be subtracted from the stack pointer before the
// comparison with the stack limit: the runtime keeps more than that mapped below the limit ([S1]).
inline constexpr uint32_t kSmallFrame = 4096;
// Every frame is smaller, so that the stack pointer minus a frame does not wrap: the guest's stack
// is above this address.
inline constexpr uint64_t kFrameBound = uint64_t{1} << 31;

static_assert(kIntParams.size() >= wasm::kRegisterParams &&
              kFloatParams.size() >= wasm::kRegisterParams);

// The slots besides the return address that the interpreter needs to return from a call: no frame
// counts fewer.
inline constexpr uint32_t kLeastSlots = 6;

// [D1] The bytes of a frame as every engine counts them, without the return address: room for all
// locals, all operands and what calls and exceptions pass in memory. Depends on the function alone,
// so a recursion ends at the same depth in every engine (docs/decisions/limits.md).
inline uint32_t counted_frame(const wasm::ValidatedFunc& func) {
  const uint32_t passed = std::max(func.call_slots(), func.exception_slots());
  return slot_bytes(std::max(kLeastSlots, func.locals() + func.max_operands() + passed));
}

// A call is made if the stack pointer, less the return address and `checked_frame` of the callee,
// is not below the limit.
constexpr uint32_t checked_frame(uint32_t counted) { return counted > kSmallFrame ? counted : 0; }

// Whether the frame's size can be observed: a small frame of a function that calls nothing cannot
// be part of a recursion.
inline bool frame_counts(const wasm::ValidatedFunc& func) {
  return func.calls() || counted_frame(func) > kSmallFrame;
}

}  // namespace cordon::abi
