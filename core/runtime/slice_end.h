// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// SliceEnd: what an instance's owner does between two steps of interpreted code, each time that a
// slice of fuel ends (runtime/hotness.h): gives the instance native code, for one.
#pragma once

#include <cstdint>

#include "core/abi/traps.h"

namespace cordon::runtime {

class Execution;
struct Func;

class SliceEnd {
 public:
  virtual ~SliceEnd() = default;
  // A slice with this fuel ended in `func`, at its entry or in the loop with that number
  // (HotSpot). The interpreter goes on afterwards, and calls of functions that have become native
  // reach their code. Anything but Trap::none ends the call of the guest; then
  // execution.refused says why, unless it is a trap of the guest's. Runs no guest code, and
  // changes neither fuel nor stack.
  virtual Trap slice_ended(Execution& execution, Func& func, uint32_t loop, uint64_t fuel) = 0;
};

}  // namespace cordon::runtime
