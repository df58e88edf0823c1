// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Modules in which the compiler's mistakes would show: what makes an index and then uses it, large
// frames, calls of every kind. Used by planted_test.cc alone.
#pragma once

#include <cstdint>
#include <vector>

namespace cordon::planted {

std::vector<std::vector<uint8_t>> probes();

}  // namespace cordon::planted
