// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// types_at_loop(): the types of all values that a function has at one of its loops. Validation does
// not keep them, since hardly any loop is ever asked for: the body is validated once more. For the
// runtime, which hands the state of a loop from the interpreter to native code.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/wasm/validated.h"

namespace cordon::wasm {

// The values at the head of a loop, in their order; parameters are the first locals, and those of
// the loop the last operands.
struct LoopTypes {
  std::vector<ValType> locals, operands;
};

// Those of the `loop` at this offset of the module, in body `body`; nothing if there is none or if
// it cannot be reached. Takes as long as validating the body.
std::optional<LoopTypes> types_at_loop(const ValidatedModule& module, uint32_t body,
                                       uint32_t offset);

}  // namespace cordon::wasm
