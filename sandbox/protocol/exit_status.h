// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A worker's exit statuses that have a meaning for the supervisor if no verdict comes. A worker
// that was taken over could end with any of them: none is better for it than a crash.
#pragma once

namespace cordon::protocol {

inline constexpr int kExitEscape = 97;    // run: a fault that is no trap, seen by the trap handler
inline constexpr int kExitNoMemory = 98;  // compile: the module takes more memory than it may

}  // namespace cordon::protocol
