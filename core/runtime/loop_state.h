// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How a function that the interpreter runs goes on in native code, at the head of a loop: all its
// locals and operands as the native code takes them there (abi::LoopEntry).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/runtime/execution.h"
#include "core/runtime/instance.h"

namespace cordon::runtime {

// Native code of a function at one of its loops, and the slots that it takes, references as handles
// of the instance.
struct LoopState {
  const void* code;
  std::vector<uint64_t> slots;
};

// The state of `func` at the loop at `offset` of its module, a copy of the interpreter's: `locals`
// are the slots of its locals, followed by those of its operands, with a round that is about to
// begin. Nothing if it has no native code there, or no stack is left for it here: then the
// interpreter goes on. [B1] An entry that takes another state than the loop has ends the process.
std::optional<LoopState> loop_state(const Execution& execution, Func& func, uint32_t offset,
                                    const uint64_t* locals);

}  // namespace cordon::runtime
