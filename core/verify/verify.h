// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The verifier: reads the machine code of a module once, from its first byte to its last, and says
// whether it keeps to docs/generated-code.md. It trusts neither the code nor any table that came
// with it, shares nothing with what made them, and is all that stands between a compiler's mistake
// (or a stranger's blob) and the processor. What is accepted keeps [M1], [C1], [S1] and [T1];
// docs/verifier.md gives the argument, rule by rule. Called wherever code is about to be mapped
// executable, always.
#pragma once

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/verify/verified_code.h"
#include "core/wasm/validated.h"

namespace cordon::verify {

// `bytes` is an encoded abi::CodeBlob, hostile; `module` is the module that it claims to be the
// code of. The failure is of core/abi (structure) or names the first rule of rules.def that is
// broken; its offset is then into the code, and its detail gives the function and the instruction.
// One pass; memory a few bytes for each byte of the largest function and each word of the context.
Result<VerifiedCode> verify(const wasm::ValidatedModule& module, ByteSpan bytes);

}  // namespace cordon::verify
