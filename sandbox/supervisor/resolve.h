// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The only resolver of guest paths ([F1]): openat2(2) with RESOLVE_BENEATH and
// RESOLVE_NO_MAGICLINKS, relative to a directory that was granted. The kernel walks the path;
// nothing here interprets a component, but for cutting off the last one where a call creates,
// removes or renames it. Every function gives 0 or a positive errno.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/os/fd.h"

namespace cordon::supervisor {

// ENOENT for an empty path, ENAMETOOLONG beyond PATH_MAX, EINVAL for a NUL byte inside.
int check_path(std::string_view path);

// openat2(dir, path, flags, mode), the path checked. A path that would leave `dir`, by "..", an
// absolute path or a symbolic link, is EPERM (the kernel says EXDEV, which rename and link need for
// themselves).
int open_beneath(int dir, std::string_view path, uint64_t flags, uint64_t mode, Fd& out);

// The directory that holds the last component, and that component: never empty, ".", ".." (EINVAL),
// nor with a slash inside, so the *at() calls can not walk anywhere with it.
struct LastComponent {
  Fd parent;  // O_PATH
  std::string name;
  bool trailing_slash = false;
};
int open_parent(int dir, std::string_view path, LastComponent& out);

}  // namespace cordon::supervisor
