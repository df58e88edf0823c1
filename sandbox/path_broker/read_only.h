// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a change beneath a read-only grant is answered [F1]. As where a file system is mounted so:
// what is wrong with the path comes before EROFS, since programs make directories without asking
// whether they are there, and go on after EEXIST.
#pragma once

#include <cstdint>
#include <string_view>

namespace cordon::path_broker {

// What the change needs of the last component of its path.
enum class Name : uint8_t { Any, New, Existing };

// Never 0: EEXIST for a new name that is taken, ENOENT for an existing one that is not, what is
// wrong on the way to it, else EROFS. `path` is resolved beneath the open directory `dir`, as
// open_beneath() does.
int refuse_change(int dir, std::string_view path, Name name);

}  // namespace cordon::path_broker
