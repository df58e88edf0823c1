// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How the oracle of a fuzz target reports a finding that is not a difference between engines.
#pragma once

#include <cstdlib>
#include <iostream>
#include <string_view>

namespace cordon::fuzz {

// Prints `what` and ends the process as a crash, for which libFuzzer and cordon-fuzz-* keep the
// input.
[[noreturn]] inline void finding(std::string_view what) {
  std::cerr << "finding: " << what << std::endl;
  std::abort();
}

inline void expect(bool holds, std::string_view otherwise) {
  if (!holds) finding(otherwise);
}

}  // namespace cordon::fuzz
