// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The directory of a code cache. What is taken from it is verified like a stranger's code ([W3]),
// but the verifier shows only that code is contained, not that it is the module's. So nobody else
// may be able to write there: the directory is the user's own, and no one has leave to change it.
// All work in it is done by its descriptor, whatever its path comes to mean.
#pragma once

#include <string>

#include "core/base/os/fd.h"
#include "core/base/result.h"

namespace cordon::supervisor {

// $XDG_CACHE_HOME/cordon, or else $HOME/.cache/cordon. Fails if neither is an absolute path.
Result<std::string> default_cache_directory();

enum class IfMissing : uint8_t { Fail, Make };

// An open directory (O_RDONLY). With Make it and its parents are made, for the user alone. Fails
// with a message that names `path`: it is no directory, or a symbolic link, or belongs to another
// user, or others may write to it.
Result<Fd> open_cache_directory(const std::string& path, IfMissing if_missing);

// Whether `directory` is `above` or lies beneath it.
Result<bool> is_beneath(int directory, int above);

}  // namespace cordon::supervisor
