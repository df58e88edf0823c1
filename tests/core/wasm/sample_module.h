// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Modules that the decoder's tests cut up: one that has something in every section, and a large one
// of many functions. Both are valid.
#pragma once

#include <cstdint>
#include <vector>

namespace cordon::testing {

// Under 600 bytes.
std::vector<uint8_t> module_with_every_section();
// About 100 KB; the same bytes each time.
std::vector<uint8_t> large_module();

}  // namespace cordon::testing
