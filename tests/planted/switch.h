// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which bug of bugs.def the copy that plant.py made has at the moment: the copy's sources ask, and
// tests/planted says. One thread at a time.
#pragma once

namespace cordon::planted {

// A row's number, counted from 1; with 0 the copy does as the original.
inline int selected = 0;
inline bool on(int number) { return selected == number; }

}  // namespace cordon::planted
