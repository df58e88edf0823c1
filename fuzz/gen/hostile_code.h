// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Code for the verifier to judge: the compiler's own of a few modules, and edits of it that a
// fuzzer's bytes say, so that what reaches the later rules is nearly right.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/base/bytes.h"
#include "core/wasm/validated.h"

namespace cordon::fuzz {

struct CodeSample {
  std::vector<uint8_t> bytes;  // what `module` views
  std::unique_ptr<const wasm::ValidatedModule> module;
  std::vector<uint8_t> blobs[2];  // without fuel and with it

  // Code of the module generated from this seed; CHECKs that the verifier accepts it.
  explicit CodeSample(uint64_t seed);
};

// Six bytes an edit: where (24 bits), how, and 16 bits more. What is left over is ignored.
void edit_blob(std::vector<uint8_t>& blob, ByteSpan edits);

}  // namespace cordon::fuzz
