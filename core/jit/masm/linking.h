// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The linker's changes to assembled code, which are a machine's bytes: distances that were unknown,
// and the table of jumps at the start of a code space that has several pieces
// (core/abi/code_blob.h), for calls of functions without a place yet.
#pragma once

#include <cstdint>
#include <span>

#include "core/base/bytes.h"

namespace cordon::jit::masm {

// Fills the field at `field`, which a relocation of the assembler names, with `distance`: between
// the relocation's `next` and the target, modulo 2^64. REQUIRES: both are in one code space.
void write_distance(MutableByteSpan code, uint64_t field, uint64_t distance);

// Fills `table`, which begins the code space, with a slot that jumps to each of `entries`: offsets
// in the code space, below abi::kMaxCodeSpace. CHECKs that it has just their size.
void write_entry_table(MutableByteSpan table, std::span<const uint32_t> entries);

}  // namespace cordon::jit::masm
