// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Exit statuses of a worker that mean something to the supervisor where no verdict comes. A worker
// taken over could give any of them: none is better for it than a crash.
#pragma once

namespace cordon::protocol {

inline constexpr int kExitEscape = 97;    // run: a fault that is no trap, seen by the trap handler
inline constexpr int kExitNoMemory = 98;  // compile: the module takes more memory than it may

}  // namespace cordon::protocol
