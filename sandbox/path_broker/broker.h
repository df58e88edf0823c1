// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The path broker: enters the jail "paths", answers the path calls of one run worker, ends.
#pragma once

namespace cordon::path_broker {

// Ends the process.
[[noreturn]] void run();

}  // namespace cordon::path_broker
