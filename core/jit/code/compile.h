// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The JIT's entry: a validated module to the bytes of its code, in one blob or in pieces
// (core/abi/code_blob.h), by the tier that the caller names. Makes data, never runs it ([W2]); the
// same bytes whatever the number of threads.
#pragma once

#include <cstdint>
#include <vector>

#include "core/abi/target.h"
#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/jit/tier.h"
#include "core/wasm/validated.h"

namespace cordon::jit {

// The code from `offset` up to the next line belongs to the instruction at `wasm_offset` of the
// module. A prologue has no line; out-of-line code has lines of its own.
struct Line {
  uint32_t offset, wasm_offset;
};

// How a module is compiled. `lines` is the caller's and must outlive the compile.
struct CompileOptions {
  abi::Target target;
  bool fuel = false;                   // charge fuel
  unsigned threads = 1;                // at least 1, this one included
  bool loop_entries = false;           // as OnDemand makes them, whatever this says
  std::vector<Line>* lines = nullptr;  // filled, by offset, where it is given: for listings
};

// REQUIRES, as compile_pieces(): the module is of wasm::validate_module_with_uses().
Result<std::vector<uint8_t>> compile(const wasm::ValidatedModule& module, Tier tier,
                                     const CompileOptions& options);

// Receives code while the rest is being compiled.
class PieceSink {
 public:
  virtual ~PieceSink() = default;
  // An encoded blob, valid during the call; `last`: there is no more. A failure ends the compile.
  virtual Result<void> take(ByteSpan piece, bool last) = 0;
};

// Pieces of consecutive functions, each with the fewest functions that have `piece_bytes` of wasm
// code, and the table of entries last; or a single blob if there would be only one piece.
// `options.lines` must be null.
Result<void> compile_pieces(const wasm::ValidatedModule& module, Tier tier,
                            const CompileOptions& options, uint64_t piece_bytes, PieceSink& sink);

}  // namespace cordon::jit
