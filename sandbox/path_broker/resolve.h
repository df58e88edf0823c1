// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The only resolver of guest paths ([F1]): openat2(2) with RESOLVE_BENEATH and
// RESOLVE_NO_MAGICLINKS, relative to a directory that was granted. The kernel walks the path;
// nothing here interprets a component, except for cutting off the last one where a call creates,
// removes or renames it. What is opened, and each directory named on the way, is on no file system
// that is a kernel interface (policy/file_systems.def). Every function returns 0 or a positive
// errno.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/os/fd.h"

namespace cordon::path_broker {

// ENOENT for an empty path, ENAMETOOLONG beyond PATH_MAX, EINVAL for a NUL byte inside.
int check_path(std::string_view path);

// EACCES if the open file `fd` (O_PATH suffices) is on a kernel interface.
int check_file_system(int fd);

// openat2(dir, path, flags, mode), with the path checked. A path that would leave `dir`, by "..",
// an absolute path or a symbolic link, is EPERM (the kernel gives EXDEV, which rename and link need
// for themselves). REQUIRES: check_file_system(dir) gave 0.
int open_beneath(int dir, std::string_view path, uint64_t flags, uint64_t mode, Fd& out);

// The directory above the open directory `dir`, granted or not: only for comparisons.
int open_above(int dir, Fd& out);

// The directory that holds the last component, and that component: never empty, "." or "..", and
// without a slash, so the *at() calls cannot walk anywhere with it. A path that ends in "." or ".."
// names no entry: then `is_dots` is set, `name` is "." or "..", the path has been resolved, and
// `parent` is the directory that it names.
struct LastComponent {
  int parent = -1;  // `held`, or the directory that the path starts from
  Fd held;          // O_PATH
  std::string name;
  bool trailing_slash = false;
  bool is_dots = false;
};
int open_parent(int dir, std::string_view path, LastComponent& out);

}  // namespace cordon::path_broker
