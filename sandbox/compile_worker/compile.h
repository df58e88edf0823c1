// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The compile worker's work: a module in, its code blob out, in the jail "compile". It has no
// runtime linked in and no way to run what it makes ([W2]).
#pragma once

namespace cordon::compile_worker {

// Enters the jail, receives the job, compiles, answers. Ends the process.
[[noreturn]] void run();

}  // namespace cordon::compile_worker
