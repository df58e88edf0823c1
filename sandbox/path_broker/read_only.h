// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The error of a change beneath a read-only grant [F1]. As on a read-only file system, errors of
// the path come before EROFS, since programs make directories without checking that they exist, and
// continue after EEXIST.
#pragma once

#include <cstdint>
#include <string_view>

namespace cordon::path_broker {

// What the change requires of the last component of its path.
enum class Name : uint8_t { Any, New, Existing };

// Never 0: EEXIST for a new name that is taken, ENOENT for an existing name that is missing, the
// error on the way to it, else EROFS. `path` is resolved beneath the open directory `dir`, as
// open_beneath() does.
int refuse_change(int dir, std::string_view path, Name name);

}  // namespace cordon::path_broker
