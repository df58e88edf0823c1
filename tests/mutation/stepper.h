// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Stepper: runs guest code one instruction at a time (EFLAGS.TF) and checks each before it is
// executed. All facts about it come from the processor and from a second disassembler (Zydis), not
// from the verifier:
//   - rip is at an instruction of a linear reading of the functions [C1]; code is entered at a
//     function or after a call, and left for a builtin, a trap, or its caller
//   - r14 and r15 are the instance's [M1], rsp is inside of the guest's stack [S1]
//   - what it reads and writes is in linear memory or its guard, the context, the stack, or (to
//     read) the code space; in the context only fuel and globals are written [M1]
// A breach ends the process with kBreach and a line on fd 2.
#pragma once

#include <cstdint>

#include "core/runtime/instance.h"

namespace cordon::mutation {

inline constexpr int kBreach = 63;

// For the one instance of a process; `steps` counts instructions of the guest. Both outlive it.
void prepare_steps(const runtime::Instance& instance, uint64_t& steps);
// What the thread does between the two is stepped through.
void begin_steps();
void end_steps();

}  // namespace cordon::mutation
