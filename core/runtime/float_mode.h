// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The mode of floating-point arithmetic that guests run in: rounding to nearest, subnormals kept,
// no exception raised (SDM volume 1, 10.2.3), whatever the embedder's thread has set. Results would
// differ otherwise [D1], and an unmasked exception would end the process.
#pragma once

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace cordon::runtime {

#if defined(__x86_64__)
// MXCSR without its six sticky flags, which no guest can read.
using FloatMode = unsigned;
inline constexpr FloatMode kGuestFloatMode = 0x1F80;
inline FloatMode float_mode() { return _mm_getcsr() & ~0x3Fu; }
inline void set_float_mode(FloatMode mode) { _mm_setcsr(mode); }
#else
using FloatMode = unsigned;
inline constexpr FloatMode kGuestFloatMode = 0;
inline FloatMode float_mode() { return 0; }
inline void set_float_mode(FloatMode) {}
#endif

// `mode` until the end of the scope, then what was before.
class InFloatMode {
 public:
  explicit InFloatMode(FloatMode mode) : before_(float_mode()), changed_(before_ != mode) {
    if (changed_) [[unlikely]]
      set_float_mode(mode);
  }
  InFloatMode(const InFloatMode&) = delete;
  InFloatMode& operator=(const InFloatMode&) = delete;
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
