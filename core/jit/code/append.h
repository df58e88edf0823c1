// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// append_function(): the last step of compiling a function.
#pragma once

#include <cstdint>

#include "core/jit/code/chunk.h"
#include "core/jit/masm/masm.h"

namespace cordon::jit {

// Appends a function to the chunk: its prologue `head` and its `body`, whose end() has succeeded,
// with a frame of this many bytes: the code of body number `index`. The body starts at a multiple
// of 16, as its aligned loops assume; the prologue ends there.
void append_function(Chunk& chunk, masm::MacroAssembler& head, masm::MacroAssembler& body,
                     uint32_t frame_size, uint32_t index);

}  // namespace cordon::jit
