// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The mode of floating-point arithmetic that guests run in: rounding to nearest, subnormals kept,
// no exception raised, whatever the embedder's thread has set. Results would
// differ otherwise [D1], and an unmasked exception would end the process.
#pragma once

#include "core/abi/machine.h"

#if defined(CORDON_MACHINE_X64)
#include "core/runtime/x64/float_mode.h"
#else
#error "no mode of floating-point arithmetic for this machine yet (core/runtime/x64/float_mode.h)"
#endif

namespace cordon::runtime {

// Sets `mode` until the end of the scope, then restores the previous one.
class InFloatMode {
 public:
  // Writes the mode only if it differs, since that is slow.
  explicit InFloatMode(FloatMode mode) : before_(float_mode()), changed_(before_ != mode) {
    if (changed_) [[unlikely]]
      set_float_mode(mode);
  }
  InFloatMode(const InFloatMode&) = delete;
  InFloatMode& operator=(const InFloatMode&) = delete;
  // Restores the previous mode.
  ~InFloatMode() {
    if (changed_) [[unlikely]]
      set_float_mode(before_);
  }
  FloatMode before() const { return before_; }

 private:
  FloatMode before_;
  bool changed_;
};

}  // namespace cordon::runtime
