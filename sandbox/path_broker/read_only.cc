// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/path_broker/read_only.h"

#include <fcntl.h>

#include <cerrno>

#include "sandbox/path_broker/resolve.h"

namespace cordon::path_broker {

int refuse_change(int dir, std::string_view path, Name name) {
  LastComponent last;
  if (int e = open_parent(dir, path, last); e != 0) return e;
  if (name == Name::Any) return EROFS;
  if (last.is_dots) return name == Name::New ? EEXIST : EROFS;
  Fd fd;
  const int e = open_beneath(last.parent, last.name, O_PATH | O_NOFOLLOW, 0, fd);
  if (name == Name::Existing) return e != 0 ? e : EROFS;
  return e == 0 ? EEXIST : EROFS;
}

}  // namespace cordon::path_broker
