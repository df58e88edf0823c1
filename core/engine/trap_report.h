// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// TrapReport: what people are told of a trap: its text and where the guest was, innermost frame
// first, with function names from each module's name section.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/runtime/execution.h"

namespace cordon::engine {

// One frame of the guest. `module_offset` is that of the instruction, from the start of the module.
struct ReportFrame {
  uint32_t func_index = 0;  // in its own module
  std::string name;         // empty if the module does not say; raw text of the guest
  uint64_t module_offset = 0;
};

// A copy of everything it says; it stays valid after the instances are gone.
struct TrapReport {
  Trap trap = Trap::none;
  std::string text;  // of an exception with its tag, whose name is raw text of the guest
  std::vector<ReportFrame> frames;

  // "unreachable\n  0: func 3 $name at offset 0x2a\n ...". Escape it before a terminal sees it.
  std::string to_text() const;
};

// Reports the trap that the last call with `execution` gave. Its instances must still exist.
TrapReport make_trap_report(Trap trap, const runtime::Execution& execution);

}  // namespace cordon::engine
