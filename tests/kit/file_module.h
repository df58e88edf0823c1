// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A guest that uses a file.
#pragma once

#include <cstdint>
#include <vector>

namespace cordon::testing {

// Its export "f" opens "file" of the first grant for reading and writing, reads it, writes, syncs
// and closes it. An error of any of these is a trap.
std::vector<uint8_t> file_module();

}  // namespace cordon::testing
