// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The compile worker: reads a module and writes its code blob, in the jail "compile". It has no
// runtime linked in and no way to run the code ([W2]).
#pragma once

namespace cordon::compile_worker {

// Enters the jail, receives the job, compiles, replies. Ends the process.
[[noreturn]] void run();

}  // namespace cordon::compile_worker
