// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// GuestStack: the stack on which the native code of one instance runs, and no other [R2]: only
// later frames of the same instance read what a frame leaves there. It grows down:
//
//     | guard | kHeadroom | frames                          | guard |
//                         ^ limit()      ^ top (free below) ^ base()
#pragma once

#include <cstdint>

#include "core/base/os/mapping.h"
#include "core/base/result.h"

namespace cordon::runtime {

// Owns the mapping; move-only. The whole stack is committed; only the guards fault.
class GuestStack {
 public:
  // Below the limit, for small frames, which are not checked, and for arguments ([S1]).
  static constexpr size_t kHeadroom = size_t{256} << 10;

  // With room for at least `frames` bytes of frames, whatever else lies between them.
  static Result<GuestStack> create(size_t frames);

  uint8_t* base() const { return base_; }
  uint8_t* limit() const { return limit_; }
  // The lowest byte of all.
  uint8_t* lowest() const { return limit_ - kHeadroom; }

  // The first byte above the free part, while the instance's code does not run.
  uint8_t* top;
  // The stack pointer at the innermost entry from the host, with its return address right below;
  // null before.
  uint64_t* area = nullptr;

 private:
  GuestStack(Mapping mapping, uint8_t* base, uint8_t* limit)
      : top(base), mapping_(std::move(mapping)), base_(base), limit_(limit) {}

  Mapping mapping_;
  uint8_t *base_, *limit_;
};

}  // namespace cordon::runtime
