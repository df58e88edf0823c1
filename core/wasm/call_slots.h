// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How much room in a frame a call takes, by the type of what is called alone: an upper bound of
// what any engine needs, so that all can count a frame alike (core/abi/frame.h, [D1]).
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "core/wasm/types.h"

namespace cordon::wasm {

// So many parameters and one result are in registers whatever their types.
inline constexpr uint32_t kRegisterParams = 6;

// In slots: parameters that have no register, and results but the first.
inline uint32_t call_slots(const FuncType& type) {
  const std::span params(type.params), results(type.results);
  return slots_of(params.subspan(std::min<size_t>(params.size(), kRegisterParams))) +
         slots_of(results.subspan(std::min<size_t>(results.size(), 1)));
}

// Slots that a call of an import takes: it gets all parameters in memory and leaves all results
// there.
inline uint32_t import_slots(const FuncType& type) {
  return std::max(slots_of(type.params), slots_of(type.results));
}

}  // namespace cordon::wasm
