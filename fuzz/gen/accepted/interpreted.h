// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Bodies of an interpreted module of a ProgramShape: valid, so of honest types; what they get from
// native code through tables, globals and calls is what the attack is about.
#pragma once

#include <vector>

#include "core/wasm/module.h"
#include "fuzz/gen/accepted/program_shape.h"
#include "fuzz/gen/choices.h"

namespace cordon::fuzz::accepted {

// `shape` is that of `module`, whose own bodies do not matter.
std::vector<testing::WasmBytes> interpreted_bodies(const ModuleShape& shape,
                                                   const wasm::Module& module, Choices& choices);

}  // namespace cordon::fuzz::accepted
