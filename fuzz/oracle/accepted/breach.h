// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The end of a program of cordon-accepted in which something forbidden happened.
#pragma once

#include <string_view>

namespace cordon::fuzz::accepted {

inline constexpr int kBreachStatus = 62;

// Writes `what` to fd 2 and ends the process with kBreachStatus.
[[noreturn]] void breach(std::string_view what);

}  // namespace cordon::fuzz::accepted
