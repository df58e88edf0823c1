// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The room in a frame that a call takes, by the callee's type alone: an upper bound for every
// engine, so that all of them count a frame alike (core/abi/frame.h, [D1]).
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "core/wasm/module.h"
#include "core/wasm/types.h"

namespace cordon::wasm {

// This many parameters, and one result, are in registers whatever their types, except vectors,
// which never are.
inline constexpr uint32_t kRegisterParams = 6;

// Slots of the types. The first `in_registers` types take none unless they are vectors.
inline uint32_t slots_in_memory(std::span<const ValType> types, size_t in_registers) {
  uint32_t slots = 0;
  for (size_t i = 0; i < types.size(); ++i) {
    const uint32_t needed = slots_of(types[i]);
    if (i >= in_registers || needed > 1) slots += needed;
  }
  return slots;
}

// In slots: parameters without a register, and all results except the first.
inline uint32_t call_slots(const FuncType& type) {
  return slots_in_memory(type.params, kRegisterParams) + slots_in_memory(type.results, 1);
}

// Slots that a call of an import takes: all its parameters and all its results are in
// memory.
inline uint32_t import_slots(const FuncType& type) {
  return std::max(slots_of(type.params), slots_of(type.results));
}

// Slots that an access of a global which is left to the runtime takes: a vector is handed over in
// memory.
inline uint32_t runtime_slots(const Module& module, GlobalIdx global) {
  const ValType type = module.globals[global.value].type.value;
  return type == ValType::v128 && module.is_left_to_runtime(global) ? slots_of(type) : 0;
}

}  // namespace cordon::wasm
