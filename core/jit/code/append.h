// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// append_function(): the last thing that a compiler does of a function.
#pragma once

#include <cstdint>

#include "core/jit/code/chunk.h"
#include "core/jit/masm/masm.h"

namespace cordon::jit {

// Appends a function to the chunk: its prologue `head` and its `body`, whose end() has succeeded,
// with a frame of so many bytes. The body starts on a multiple of 16, as the loops in it took for
// given; the prologue ends there.
void append_function(Chunk& chunk, masm::MacroAssembler& head, masm::MacroAssembler& body,
                     uint32_t frame_size);

}  // namespace cordon::jit
