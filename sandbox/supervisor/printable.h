// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Makes text from a worker safe for a terminal: everything that could move the cursor, change the
// title or reorder text becomes visible ([P1]).
#pragma once

#include <string>
#include <string_view>

namespace cordon::supervisor {

// `text` with each control character (C0 except newline and tab, DEL, C1), each bidirectional
// override and each byte that is not UTF-8 written as \xNN.
std::string printable(std::string_view text);
// The same for a part of one line, in which newline and tab are written so, too.
std::string printable_line(std::string_view text);

}  // namespace cordon::supervisor
