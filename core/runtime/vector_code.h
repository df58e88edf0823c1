// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The bodies that the interpreter cannot run directly from the module: some instructions move a
// value of any type, and for a v128 that is two slots. Such a body is run from a copy, in which the
// opcodes of these instructions are replaced by the interpreter's own, of the same length; so
// offsets and side tables stay valid (docs/decisions/vectors.md). Store makes the copy.
#pragma once

#include <cstdint>

#include "core/wasm/validated.h"

namespace cordon::runtime {

// The opcodes of the interpreter's own, which occur in no validated body (core/interp/handler.h has
// those below). kEnterVectors precedes a body with a v128 among its parameters.
enum VectorOpcode : uint8_t {
  kEnterVectors = 0xf3,
  kDropVector,
  kSelectVector,
  kSelectTypedVector,
  kLocalGetVector,
  kLocalSetVector,
  kLocalTeeVector,
  kGlobalGetVector,
  kGlobalSetVector,
};

// Bytes in front of a copied body.
inline constexpr uint32_t kVectorEntry = 1;

bool needs_vector_code(const wasm::ValidatedFunc& func);
// Completes the copied body at `first`, after kVectorEntry bytes, and returns where it begins to
// run.
const uint8_t* make_vector_code(const wasm::ValidatedFunc& func, uint8_t* first);

}  // namespace cordon::runtime
