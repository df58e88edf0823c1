// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the codec of code blobs must do, written independently, for the target `blob`.
#pragma once

#include <vector>

#include "core/base/bytes.h"
#include "fuzz/gen/choices.h"

namespace cordon::fuzz {

// Bytes followed by unmapped memory, so that a read past the end crashes.
class Fence {
 public:
  Fence();
  ~Fence();
  Fence(const Fence&) = delete;
  Fence& operator=(const Fence&) = delete;
  // A copy there, which replaces the previous one.
  ByteSpan copy(ByteSpan bytes);

 private:
  uint8_t* pages_;
};

// A blob of any rows and sizes, correct or wrong in one of them or in its bytes, encoded and
// decoded.
void check_blob(Choices& choices, Fence& fence);

// `blob` with its read-only data filled to the end of the bytes, and a jump table that begins
// before it.
std::vector<uint8_t> table_at_the_end(ByteSpan blob, Choices& choices);

}  // namespace cordon::fuzz
