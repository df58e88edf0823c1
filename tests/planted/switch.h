// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The bug of a table (tests/planted/bugs.def, tests/score/bugs.def) that is active in the copy made
// by plant.py: the copy's sources call this. In a program that defines
// CORDON_PLANTED_FROM_ENVIRONMENT it is the number in CORDON_PLANTED for the life of the process;
// elsewhere tests/planted sets it, one thread at a time.
#pragma once

#include <cstdlib>
#include <type_traits>

namespace cordon::planted {

// A row's number, counted from 1; with 0 the copy does as the original.
#ifdef CORDON_PLANTED_FROM_ENVIRONMENT
inline const int selected = [] {
  const char* const number = std::getenv("CORDON_PLANTED");
  return number == nullptr ? 0 : std::atoi(number);
}();
#else
inline int selected = 0;
#endif

// No bug reaches what is computed at compile time.
constexpr bool on(int number) { return !std::is_constant_evaluated() && selected == number; }

}  // namespace cordon::planted
