// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// TrapReport: a trap as reported to people: its text and the guest's frames, innermost first, with
// function names from each module's name section.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/runtime/execution.h"

namespace cordon::engine {

// One frame of the guest. `module_offset` is the instruction's, from the start of the module.
struct ReportFrame {
  uint32_t func_index = 0;  // in its own module
  std::string name;         // empty if the module has none; raw text of the guest
  uint64_t module_offset = 0;
};

// Holds copies, so it stays valid after the instances are gone.
struct TrapReport {
  Trap trap = Trap::none;
  std::string text;  // for an exception with its tag, whose name is raw text of the guest
  std::vector<ReportFrame> frames;

  // "unreachable\n  0: func 3 $name at offset 0x2a\n ...". Escape it before it reaches a terminal.
  std::string to_text() const;
};

// Reports the trap that the last call with `execution` gave. Its instances must still exist.
TrapReport make_trap_report(Trap trap, const runtime::Execution& execution);

}  // namespace cordon::engine
