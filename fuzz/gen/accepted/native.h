// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Writes the machine code of one module of a ProgramShape. The code keeps docs/generated-code.md by
// construction. Within those rules it does everything else wrong: builtins with any number as a
// value, calls of all kinds in any order, references that were made up, kept or found somewhere.
// When the choices are used up, every function ends. Called by the oracle and by fuzz/targets.
#pragma once

#include <cstdint>
#include <vector>

#include "core/wasm/module.h"
#include "fuzz/gen/accepted/program_shape.h"
#include "fuzz/gen/choices.h"

namespace cordon::fuzz::accepted {

struct NativeCode {
  std::vector<uint8_t> blob;
  // Whether it contains a call that the verifier must refuse.
  bool dared = false;
};

// `shape` describes `module`.
NativeCode native_code(const ProgramShape& program, const ModuleShape& shape,
                       const wasm::Module& module, Choices& choices);

}  // namespace cordon::fuzz::accepted
