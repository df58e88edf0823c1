// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Writes the machine code of one module of a ProgramShape. The code keeps docs/generated-code.md by
// construction. Within those rules it does everything else wrong: builtins with any number as a
// value, calls of all kinds in any order, references that were made up, kept or found somewhere.
// When the choices are spent, every function ends. Called by the oracle and by fuzz/targets.
#pragma once

#include <cstdint>
#include <vector>

#include "core/wasm/module.h"
#include "fuzz/gen/accepted/program_shape.h"
#include "fuzz/gen/choices.h"

namespace cordon::fuzz::accepted {

struct NativeCode {
  std::vector<uint8_t> blob;
  // Whether there is a call in it of which the verifier must not approve.
  bool dared = false;
};

// `shape` is that of `module`.
NativeCode native_code(const ProgramShape& program, const ModuleShape& shape,
                       const wasm::Module& module, Choices& choices);

}  // namespace cordon::fuzz::accepted
