// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the codec of code blobs must do, said a second time, for the target `blob`.
#pragma once

#include <vector>

#include "core/base/bytes.h"
#include "fuzz/gen/choices.h"

namespace cordon::fuzz {

// Bytes with nothing mapped behind the last of them, so that a read past the end is a crash.
class Fence {
 public:
  Fence();
  ~Fence();
  Fence(const Fence&) = delete;
  Fence& operator=(const Fence&) = delete;
  // A copy there; the one before it is gone.
  ByteSpan copy(ByteSpan bytes);

 private:
  uint8_t* pages_;
};

// A blob of any rows and sizes, right or wrong in one of them or in its bytes, through the codec
// and back.
void check_blob(Choices& choices, Fence& fence);

// `blob`, its read-only data filled to the end of the bytes, and a jump table that begins before
// it.
std::vector<uint8_t> table_at_the_end(ByteSpan blob, Choices& choices);

}  // namespace cordon::fuzz
