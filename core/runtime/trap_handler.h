// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The signal handler that turns faults of native code into traps, and kills for every other ([T1]).
//
// A fault becomes a trap only through all three layers:
//   1. the kernel raised it at an instruction of the code that this thread is in, by its innermost
//      activation, which registers of the guest have no say in;
//   2. that instruction is a listed trap site of the code;
//   3. it is the instruction that traps, or the address that faulted lies in this instance's memory
//   or its guards.
// Any other fault inside of native code is an escape attempt: it is reported on fd 2 and the
// process ends with kEscapeStatus. Faults elsewhere go to the handler installed before (a
// sanitizer's, the system's default), or end the process the same way if that was requested.
#pragma once

#include "core/base/result.h"

namespace cordon::runtime {

// The exit status of a process that ended because its guest tried to escape.
inline constexpr int kEscapeStatus = 97;

// The handling of a fault outside of native code: by the handler installed before, or the end of
// the process.
enum class OtherFaults { PassOn, End };

// Installs it for the process: SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP. Once; later calls change
// nothing. A jailed worker calls it before its jail, while the kernel still permits it.
Result<void> install_trap_handler(OtherFaults others = OtherFaults::PassOn);

// Installs the handler unless it is installed, and gives this thread a stack to handle its faults
// on, since the guest's may be broken. Cheap except for the first time; false if it cannot be done.
bool prepare_thread_for_traps();

// Reports `what` on fd 2 and ends the process with kEscapeStatus. Safe in a signal handler.
[[noreturn]] void die_of_escape(const char* what);

}  // namespace cordon::runtime
