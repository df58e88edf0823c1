// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The table of jumps at the start of a code space that has several pieces (core/abi/code_blob.h):
// for calls of what is not placed yet.
#pragma once

#include <cstdint>
#include <span>

#include "core/base/bytes.h"

namespace cordon::jit::masm {

// Fills `table`, which begins the code space, with a slot that jumps to each of `entries`: offsets
// in the code space, below abi::kMaxCodeSpace. CHECKs that it has just their size.
void write_entry_table(MutableByteSpan table, std::span<const uint32_t> entries);

}  // namespace cordon::jit::masm
