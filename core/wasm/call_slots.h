// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How much room in a frame a call takes, by the type of what is called alone: an upper bound of
// what any engine needs, so that all can count a frame alike (core/abi/frame.h, [D1]).
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/wasm/types.h"

namespace cordon::wasm {

// So many parameters and one result are in registers whatever their types.
inline constexpr uint32_t kRegisterParams = 6;

// In slots of 8 bytes: parameters that have no register, and results but the first.
inline uint32_t call_slots(const FuncType& type) {
  const auto params = static_cast<uint32_t>(type.params.size());
  const auto results = static_cast<uint32_t>(type.results.size());
  return (params > kRegisterParams ? params - kRegisterParams : 0) +
         (results > 1 ? results - 1 : 0);
}

// Of an import, which gets all parameters in memory and gives all results there.
inline uint32_t import_slots(const FuncType& type) {
  return static_cast<uint32_t>(std::max(type.params.size(), type.results.size()));
}

}  // namespace cordon::wasm
