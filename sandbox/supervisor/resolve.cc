// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/resolve.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>

namespace cordon::supervisor {
namespace {

// openat2 gives EAGAIN when a rename anywhere on the machine crosses a walk with ".." in it.
constexpr int kMaxTries = 256;

}  // namespace

int check_path(std::string_view path) {
  if (path.empty()) return ENOENT;
  if (path.size() >= PATH_MAX) return ENAMETOOLONG;
  if (path.find('\0') != std::string_view::npos) return EINVAL;
  return 0;
}

int open_beneath(int dir, std::string_view path, uint64_t flags, uint64_t mode, Fd& out) {
  if (int error = check_path(path); error != 0) return error;
  std::string terminated(path);
  open_how how{};
  how.flags = flags | O_CLOEXEC;
  how.mode = mode;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;  // [F1]
  long fd = -1;
  for (int tries = 0; tries < kMaxTries; ++tries) {
    fd = syscall(SYS_openat2, dir, terminated.c_str(), &how, sizeof how);
    if (fd >= 0 || (errno != EAGAIN && errno != EINTR)) break;
  }
  if (fd < 0) return errno == EXDEV ? EPERM : errno;
  out = Fd(static_cast<int>(fd));
  return 0;
}

int open_parent(int dir, std::string_view path, LastComponent& out) {
  if (int error = check_path(path); error != 0) return error;
  size_t end = path.find_last_not_of('/');
  if (end == std::string_view::npos) return EPERM;
  std::string_view walked = path.substr(0, end + 1);
  size_t slash = walked.rfind('/');
  std::string_view name = slash == std::string_view::npos ? walked : walked.substr(slash + 1);
  if (name == "." || name == "..") return EINVAL;
  std::string_view parent = ".";
  if (slash != std::string_view::npos) parent = walked.substr(0, slash == 0 ? 1 : slash);
  out.name = name;
  out.trailing_slash = end + 1 != path.size();
  return open_beneath(dir, parent, O_PATH | O_DIRECTORY, 0, out.parent);
}

}  // namespace cordon::supervisor
