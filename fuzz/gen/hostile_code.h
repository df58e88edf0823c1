// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Code for the verifier: the compiler's own for a few modules, and edits of it by the fuzzer's
// bytes, so that code that reaches the later rules is nearly correct.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/base/bytes.h"
#include "core/verify/verify.h"
#include "core/wasm/validated.h"

namespace cordon::fuzz {

struct CodeSample {
  std::vector<uint8_t> bytes;  // viewed by `module`
  std::unique_ptr<const wasm::ValidatedModule> module;
  // Without fuel, with it, and a piece of code that is made as it is needed.
  static constexpr uint32_t kBlobs = 3;
  std::vector<uint8_t> blobs[kBlobs];

  // Code of the module generated from this seed; CHECKs that the verifier accepts it.
  explicit CodeSample(uint64_t seed);
};

// What the verifier says to `changed`, which may be hostile, instead of that blob of the sample.
Result<verify::VerifiedCode> verify_instead(const CodeSample& sample, uint32_t blob,
                                            ByteSpan changed);

// Six bytes an edit: where (24 bits), how, and 16 more bits. The remainder is ignored.
void edit_blob(std::vector<uint8_t>& blob, ByteSpan edits);

}  // namespace cordon::fuzz
