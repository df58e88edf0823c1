// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Bodies of an interpreted module of a ProgramShape: valid, so correctly typed; the attack is in
// the values that they get from native code through tables, globals and calls.
#pragma once

#include <vector>

#include "core/wasm/module.h"
#include "fuzz/gen/accepted/program_shape.h"
#include "fuzz/gen/choices.h"

namespace cordon::fuzz::accepted {

// `shape` describes `module`, whose own bodies do not matter.
std::vector<testing::WasmBytes> interpreted_bodies(const ModuleShape& shape,
                                                   const wasm::Module& module, Choices& choices);

}  // namespace cordon::fuzz::accepted
