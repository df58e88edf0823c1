// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The mistakes of planted.def, to be made on purpose. In the product planted() is the constant
// false, and no code comes of a hook. Only tests/planted compiles the compiler with
// CORDON_PLANT_BUGS, once more and for itself, and selects one bug at a time.
#pragma once

#include <cstdint>

namespace cordon::jit::masm {

enum class Planted : uint8_t {
  none,
#define BUG(name, where, rules, text) name,
#include "core/jit/masm/planted.def"
};

#ifdef CORDON_PLANT_BUGS
// What compilations of this thread, on this thread alone, do wrong.
inline thread_local Planted planted_bug = Planted::none;
inline bool planted(Planted bug) { return planted_bug == bug; }
#else
constexpr bool planted(Planted) { return false; }
#endif

}  // namespace cordon::jit::masm
