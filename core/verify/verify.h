// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The verifier: reads the machine code of a module once, from its first byte to its last, and says
// whether it keeps to docs/generated-code.md. It trusts neither the code nor any table that came
// with it, shares nothing with what made them, and is all that stands between a compiler's mistake
// (or a stranger's blob) and the processor. What is accepted keeps [M1], [C1], [S1] and [T1];
// docs/verifier.md gives the argument, rule by rule. Called wherever code is about to be mapped
// executable, always.
#pragma once

#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/verify/layout.h"
#include "core/verify/verified_code.h"
#include "core/wasm/validated.h"

namespace cordon::verify {

// Verifies a module's code piece by piece, as it comes.
class Verification {
 public:
  // `module`, whose code it claims to be, outlives this.
  explicit Verification(const wasm::ValidatedModule& module) : layout_(module.module()) {}

  // The next piece: `bytes` is an encoded abi::CodeBlob, hostile. The failure is of core/abi
  // (structure) or names the first rule of rules.def that is broken; its offset is then into the
  // piece's code, and its detail gives the function and the instruction; nothing may be added
  // after it. One pass; memory a few bytes for each byte of the largest function.
  Result<void> add(ByteSpan bytes);
  // Whether all code of the module is there.
  bool complete() const { return complete_; }
  // CHECKs complete().
  VerifiedCode finish();

 private:
  Result<void> check_place(const abi::CodeBlob& blob) const;
  Result<void> check_entry_table(const abi::CodeBlob& blob) const;
  Failure refusal(const DiagnosticKind& rule, const abi::CodeBlob& blob, uint64_t offset,
                  uint32_t function) const;

  Layout layout_;
  std::vector<VerifiedPiece> pieces_;
  bool complete_ = false;
};

// Code that is one piece.
Result<VerifiedCode> verify(const wasm::ValidatedModule& module, ByteSpan bytes);

}  // namespace cordon::verify
