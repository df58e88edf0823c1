// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/path_broker/resolve.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <climits>

#include "sandbox/policy/file_systems.h"

namespace cordon::path_broker {
namespace {

// openat2 gives EAGAIN when a rename anywhere on the machine crosses a walk with ".." in it. Where
// others rename without a pause few walks get through, one of hundreds: so many tries take a part
// of a second, which the run's deadline outranks.
constexpr int kMaxTries = 1 << 18;
constexpr uint64_t kBeneath = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;

int walk(int dir, const std::string& path, uint64_t flags, uint64_t mode, uint64_t resolve,
         Fd& out) {
  open_how how{};
  how.flags = flags | O_CLOEXEC;
  how.mode = mode;
  how.resolve = resolve;
  long fd = -1;
  for (int tries = 0; tries < kMaxTries; ++tries) {
    fd = syscall(SYS_openat2, dir, path.c_str(), &how, sizeof how);
    if (fd >= 0 || (errno != EAGAIN && errno != EINTR)) break;
  }
  if (fd < 0) return errno;
  out = Fd(static_cast<int>(fd));
  return 0;
}

int or_perm(int error) { return error == EXDEV ? EPERM : error; }

// Each directory that the path names before its last component.
int check_way(int dir, const std::string& path) {
  for (size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    Fd on_the_way;
    int error = walk(dir, path.substr(0, slash), O_PATH, 0, kBeneath, on_the_way);
    if (error != 0) return or_perm(error);
    if (int e = check_file_system(on_the_way.get()); e != 0) return e;
  }
  return 0;
}

}  // namespace

int check_path(std::string_view path) {
  if (path.empty()) return ENOENT;
  if (path.size() >= PATH_MAX) return ENAMETOOLONG;
  if (path.find('\0') != std::string_view::npos) return EINVAL;
  return 0;
}

int check_file_system(int fd) {
  struct statfs file_system;
  if (fstatfs(fd, &file_system) != 0) return errno;
  const auto type = static_cast<uint32_t>(file_system.f_type);
  return policy::kernel_interface(type).empty() ? 0 : EACCES;
}

int open_beneath(int dir, std::string_view path, uint64_t flags, uint64_t mode, Fd& out) {
  if (int error = check_path(path); error != 0) return error;
  const std::string terminated(path);
  // Nearly every path stays on the mount of `dir`, whose file system is known to be no kernel
  // interface.
  int error = walk(dir, terminated, flags, mode, kBeneath | RESOLVE_NO_XDEV, out);  // [F1]
  if (error != EXDEV) return error;
  // It leaves `dir`, or crosses a mount.
  if (int e = check_way(dir, terminated); e != 0) return e;
  Fd opened;
  error = walk(dir, terminated, flags, mode, kBeneath, opened);  // [F1]
  if (error != 0) return or_perm(error);
  if (int e = check_file_system(opened.get()); e != 0) return e;
  out = std::move(opened);
  return 0;
}

int open_above(int dir, Fd& out) { return walk(dir, "..", O_PATH | O_DIRECTORY, 0, 0, out); }

int open_parent(int dir, std::string_view path, LastComponent& out) {
  if (int error = check_path(path); error != 0) return error;
  const size_t end = path.find_last_not_of('/');
  if (end == std::string_view::npos) return EPERM;
  const std::string_view walked = path.substr(0, end + 1);
  const size_t slash = walked.rfind('/');
  const std::string_view name = slash == std::string_view::npos ? walked : walked.substr(slash + 1);
  out.trailing_slash = end + 1 != path.size();
  out.name = name;
  if (name == "." || name == "..") {
    out.is_dots = true;
    return open_beneath(dir, path, O_PATH | O_DIRECTORY, 0, out.parent);
  }
  std::string_view parent = ".";
  if (slash != std::string_view::npos) parent = walked.substr(0, slash == 0 ? 1 : slash);
  return open_beneath(dir, parent, O_PATH | O_DIRECTORY, 0, out.parent);
}

}  // namespace cordon::path_broker
