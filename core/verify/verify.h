// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The verifier: reads the machine code of a module once and decides whether it keeps
// docs/generated-code.md. It trusts neither the code nor any table that came with it, and shares
// nothing with what made them. Accepted code keeps [M1], [C1], [S1], [T1], [B1] and [R2];
// docs/verifier.md has the argument. Called whenever code is about to be mapped executable.
#pragma once

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/verify/layout.h"
#include "core/verify/verified_code.h"
#include "core/wasm/validated.h"

namespace cordon::verify {

// The kinds of series of pieces (core/abi/code_blob.h): all code of a module in the order of its
// bodies, or the code of functions as they are needed, which is never complete.
enum class Series : uint8_t { Whole, AsNeeded };

// Verifies a module's code piece by piece, as it arrives.
class Verification {
 public:
  // `module`, whose code it is claimed to be, outlives this. Code of another machine or in another
  // kind of series is refused.
  explicit Verification(const wasm::ValidatedModule& module, Series series = Series::Whole,
                        abi::Machine machine = abi::kMachine);

  // The next piece: `bytes` is an encoded abi::CodeBlob, hostile. A failure is core/abi's (of
  // structure), or the first rule that is broken with its offset into the piece's code; after one
  // every piece is refused. Takes one pass, and a few bytes for each byte of the largest function.
  Result<VerifiedCode> add(ByteSpan bytes);
  // Whether all code of the module has been verified.
  bool complete() const { return complete_; }

 private:
  Result<VerifiedCode> verify_piece(ByteSpan bytes);
  Result<void> check_piece(const abi::CodeBlob& blob) const;
  const DiagnosticKind* broken_by_place(const abi::CodeBlob& blob) const;
  const DiagnosticKind* broken_by_needed(const abi::CodeBlob& blob) const;
  Result<void> check_bodies(const abi::CodeBlob& blob) const;
  Result<void> check_entry_table(const abi::CodeBlob& blob) const;
  Failure refusal(const DiagnosticKind& rule, const abi::CodeBlob& blob, uint64_t offset = 0,
                  uint32_t function = 0) const;

  const Isa* const isa_;
  const Series kind_;
  Layout layout_;
  const uint64_t series_;
  uint32_t pieces_ = 0;  // so far
  bool fuel_ = false;    // whether the first one charges it
  bool complete_ = false;
  bool has_refused_ = false;
};

// Code that is one piece.
Result<VerifiedCode> verify(const wasm::ValidatedModule& module, ByteSpan bytes);

}  // namespace cordon::verify
