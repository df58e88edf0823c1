// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// MXCSR (SDM volume 1, 10.2.3). Read through core/runtime/float_mode.h.
#pragma once

#include <xmmintrin.h>

namespace cordon::runtime {

// Without its six sticky flags, which no guest can read.
using FloatMode = unsigned;
inline constexpr FloatMode kGuestFloatMode = 0x1F80;
inline FloatMode float_mode() { return _mm_getcsr() & ~0x3Fu; }
inline void set_float_mode(FloatMode mode) { _mm_setcsr(mode); }

}  // namespace cordon::runtime
