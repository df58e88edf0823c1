// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The places where an interpreted run spent its fuel, for people: runtime::Hotness with names and
// offsets in the module.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/runtime/execution.h"

namespace cordon::engine {

// A function or loop and the share of the run's fuel that it took.
struct HotPlace {
  uint32_t func_index = 0;     // in its own module
  std::string name;            // empty if the module has none; raw text of the guest
  bool is_loop = false;        // or the function's entry
  uint64_t module_offset = 0;  // of the opcode `loop`, or of the function's first instruction
  uint64_t fuel = 0;           // about how many instructions were charged there
};

// At most `count` places, the hottest first. The instances must still exist.
std::vector<HotPlace> make_hot_report(const runtime::Execution& execution, size_t count);

}  // namespace cordon::engine
