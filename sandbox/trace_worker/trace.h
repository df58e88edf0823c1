// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The trace worker: reads a module and the frames of a trap, and gives names and source lines, in
// the jail "trace". It has neither a compiler nor a runtime.
#pragma once

namespace cordon::trace_worker {

// Enters the jail, receives the job, answers frame by frame. Ends the process.
[[noreturn]] void run();

}  // namespace cordon::trace_worker
