// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Machine code of a module of a World, which keeps docs/generated-code.md by construction, and
// otherwise does what it likes: any builtin with any number for a value, calls of all kinds,
// references that were made up, kept, or taken from elsewhere. Behind the last choice functions
// end.
#pragma once

#include <cstdint>
#include <vector>

#include "core/wasm/module.h"
#include "fuzz/gen/accepted/world.h"
#include "fuzz/gen/choices.h"

namespace cordon::fuzz::accepted {

struct NativeCode {
  std::vector<uint8_t> blob;
  // Whether there is a call in it of which the verifier must not approve.
  bool dared = false;
};

// `shape` is that of `module`.
NativeCode native_code(const World& world, const ModuleShape& shape, const wasm::Module& module,
                       Choices& choices);

}  // namespace cordon::fuzz::accepted
