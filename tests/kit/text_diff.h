// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// text_diff: the difference of two texts, line by line, for the message of a test that compares
// long ones.
#pragma once

#include <string>
#include <string_view>

namespace cordon::testing {

// The lines of both texts in order: " " before a line of both, "-" before one that only `expected`
// has, "+" before one that only `actual` has. As few lines as possible are marked. Takes time and
// memory in proportion to the product of both numbers of lines.
std::string text_diff(std::string_view expected, std::string_view actual);

}  // namespace cordon::testing
