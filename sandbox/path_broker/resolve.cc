// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/path_broker/resolve.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "sandbox/path_broker/inode.h"
#include "sandbox/policy/file_systems.h"

namespace cordon::path_broker {
namespace {

// openat2 gives EAGAIN when a rename anywhere on the machine coincides with a walk of "..". While
// others rename without a pause only one of hundreds of walks succeeds: this many tries take a
// fraction of a second, and the run's deadline outranks it.
constexpr int kMaxTries = 1 << 12;
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

// The same limit as the kernel's walk.
constexpr int kMostLinks = 40;
// Instead of an errno: a link appeared where there was none a moment ago. kMostChanges bounds it.
constexpr int kChanged = -1;
constexpr int kMostChanges = 64;

// The range of the component at or after `from`.
struct Component {
  size_t begin, end;
};
Component component_at(const std::string& path, size_t from) {
  const size_t begin = std::min(path.find_first_not_of('/', from), path.size());
  return {begin, std::min(path.find('/', begin), path.size())};
}

// Replaces the component at `place` of `path` by the target of the link open at `link`.
int put_in(std::string& path, const Component& place, int link) {
  std::string target;
  if (int e = read_link(link, target); e != 0) return e;
  if (target.empty()) return ENOENT;
  if (target.front() == '/') return EPERM;
  path.replace(place.begin, place.end - place.begin, target);
  return path.size() < PATH_MAX ? 0 : ENAMETOOLONG;
}

// For a path that crosses a mount: checks each directory that the walk enters, including those in
// the targets of symbolic links, and makes it a path without links. Its last component is left
// alone unless `follow`, or a slash after it, says that it is followed.
int check_way(int dir, std::string& path, bool follow) {
  int links = 0;
  for (Component at = component_at(path, 0); at.begin < path.size();) {
    const bool last = at.end == path.size();
    Fd here;
    Inode inode;
    int error = walk(dir, path.substr(0, at.end), O_PATH | O_NOFOLLOW, 0,
                     kBeneath | RESOLVE_NO_SYMLINKS, here);
    if (error == ENOENT && last) return 0;
    if (error == ELOOP) return kChanged;
    if (error != 0) return or_perm(error);
    if (int e = read_inode(here.get(), inode); e != 0) return e;
    if (inode.stat.mode_type == S_IFLNK && (!last || follow)) {
      if (++links > kMostLinks) return ELOOP;
      if (int e = put_in(path, at, here.get()); e != 0) return e;
      at = component_at(path, at.begin);
      continue;
    }
    if (int e = check_file_system(here.get()); e != 0) return e;
    at = component_at(path, at.end);
  }
  return 0;
}

// A path that leaves `dir` or crosses a mount; `path` as check_way() requires it.
int open_across(int dir, std::string path, uint64_t flags, uint64_t mode, Fd& out) {
  const bool follow = (flags & O_NOFOLLOW) == 0 && (flags & O_EXCL) == 0;
  if (int e = check_way(dir, path, follow); e != 0) return e;
  Fd opened;
  const int error = walk(dir, path, flags, mode, kBeneath | RESOLVE_NO_SYMLINKS, opened);  // [F1]
  if (error == ELOOP && follow) return kChanged;
  if (error != 0) return or_perm(error);
  if (int e = check_file_system(opened.get()); e != 0) return e;
  out = std::move(opened);
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
  // Nearly every path stays on the mount of `dir`, whose file system is already known not to be a
  // kernel interface.
  int error = walk(dir, terminated, flags, mode, kBeneath | RESOLVE_NO_XDEV, out);  // [F1]
  if (error != EXDEV) return error;
  for (int tries = 0; tries < kMostChanges; ++tries) {
    error = open_across(dir, terminated, flags, mode, out);
    if (error != kChanged) return error;
  }
  return EAGAIN;
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
  out.is_dots = name == "." || name == "..";
  out.parent = dir;
  if (slash == std::string_view::npos && !out.is_dots) return 0;
  const std::string_view above = walked.substr(0, std::max<size_t>(slash, 1));
  const std::string_view parent = out.is_dots ? path : above;
  const int error = open_beneath(dir, parent, O_PATH | O_DIRECTORY, 0, out.held);
  out.parent = out.held.get();
  return error;
}

}  // namespace cordon::path_broker
