// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/path_service.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "sandbox/supervisor/resolve.h"

namespace cordon::supervisor {
namespace {

constexpr mode_t kNewFileMode = 0666;  // the umask of the user who started us applies
constexpr mode_t kNewDirectoryMode = 0777;
constexpr uint64_t kNow = ~uint64_t{0};
constexpr uint64_t kOmit = ~uint64_t{0} - 1;

int status(int result) { return result == 0 ? 0 : errno; }

uint64_t nanoseconds(const timespec& time) {
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000U + static_cast<uint64_t>(time.tv_nsec);
}

timespec to_timespec(uint64_t ns) {
  if (ns == kNow) return {0, UTIME_NOW};
  if (ns == kOmit) return {0, UTIME_OMIT};
  return {static_cast<time_t>(ns / 1'000'000'000U), static_cast<long>(ns % 1'000'000'000U)};
}

int read_stat(int fd, protocol::FileStat& out, mode_t* mode = nullptr) {
  struct stat s;
  if (fstat(fd, &s) != 0) return errno;
  out = {s.st_dev,
         s.st_ino,
         s.st_nlink,
         static_cast<uint64_t>(s.st_size),
         s.st_mode & S_IFMT,
         nanoseconds(s.st_atim),
         nanoseconds(s.st_mtim),
         nanoseconds(s.st_ctim)};
  if (mode != nullptr) *mode = s.st_mode;
  return 0;
}

// What of this kind may be opened at all.
int check_kind(uint32_t mode_type) {
  switch (mode_type) {
    case S_IFREG:
    case S_IFDIR: return 0;
    case S_IFLNK: return ELOOP;  // only O_NOFOLLOW gets here; open(2) says the same
    case S_IFSOCK: return ENXIO;
    default: return EACCES;
  }
}

uint64_t open_flags(const protocol::PathOpen& r) {
  // O_NONBLOCK and O_NOCTTY: should a fifo or a terminal be swapped in after the check, nothing
  // happens.
  uint64_t flags = O_NONBLOCK | O_NOCTTY;
  bool write = r.write || r.append;
  flags |= write ? (r.read ? O_RDWR : O_WRONLY) : O_RDONLY;
  if (!r.follow) flags |= O_NOFOLLOW;
  if (r.create) flags |= O_CREAT;
  if (r.create && r.exclusive) flags |= O_EXCL;
  if (r.directory) flags |= O_DIRECTORY;
  if (r.truncate) flags |= O_TRUNC;
  if (r.append) flags |= O_APPEND;
  return flags;
}

bool is_directory_at(const LastComponent& last) {
  struct stat s;
  return fstatat(last.parent.get(), last.name.c_str(), &s, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISDIR(s.st_mode);
}

// For a name that must not exist yet, of something that is no directory.
int check_new_name(const LastComponent& last) {
  if (!last.trailing_slash) return 0;
  struct stat s;
  bool exists = fstatat(last.parent.get(), last.name.c_str(), &s, AT_SYMLINK_NOFOLLOW) == 0;
  return exists ? EEXIST : ENOENT;
}

bool stays_beneath(std::string_view target) {
  if (target.starts_with('/')) return false;
  while (!target.empty()) {
    size_t slash = target.find('/');
    if (target.substr(0, slash) == "..") return false;
    if (slash == std::string_view::npos) break;
    target.remove_prefix(slash + 1);
  }
  return true;
}

}  // namespace

int PathService::find(uint32_t handle, Access access, const Grant*& out) const {
  if (handle >= directories_.size() || !directories_[handle].directory.valid()) return EBADF;
  out = &directories_[handle];
  if (access == Access::Change && !out->writable) return EROFS;  // [F1]
  return 0;
}

int PathService::add(Fd directory, bool writable, uint32_t& handle) {
  for (uint32_t i = 0; i < directories_.size(); ++i) {
    if (directories_[i].directory.valid()) continue;
    directories_[i] = {std::move(directory), writable};
    handle = i;
    return 0;
  }
  if (directories_.size() >= kMaxDirectories) return EMFILE;  // [L1]
  handle = static_cast<uint32_t>(directories_.size());
  directories_.push_back({std::move(directory), writable});
  return 0;
}

int PathService::try_open(const protocol::PathOpen& r, protocol::OpenReply& reply, Fd& file) {
  bool changes = r.write || r.append || r.create || r.truncate;
  const Grant* dir;
  if (int e = find(r.dir, changes ? Access::Change : Access::Look, dir); e != 0) return e;
  if (r.create && r.directory) return EINVAL;  // what Linux makes of it differs by version

  // Look before opening: open(2) alone can already act on a device.
  uint64_t look =
      O_PATH | (r.follow ? 0U : unsigned{O_NOFOLLOW}) | (r.directory ? O_DIRECTORY : 0U);
  Fd probe;
  int found = open_beneath(dir->directory.get(), r.path, look, 0, probe);
  if (found != 0 && !(found == ENOENT && r.create)) return found;
  if (found == 0) {
    if (r.create && r.exclusive) return EEXIST;
    if (int e = read_stat(probe.get(), reply.stat); e != 0) return e;
    if (int e = check_kind(reply.stat.mode_type); e != 0) return e;
  }
  Fd opened;
  uint64_t flags = open_flags(r);
  uint64_t mode = r.create ? kNewFileMode : 0;
  if (int e = open_beneath(dir->directory.get(), r.path, flags, mode, opened); e != 0) return e;
  // Again: what is open now decides.
  if (int e = read_stat(opened.get(), reply.stat); e != 0) return e;
  if (int e = check_kind(reply.stat.mode_type); e != 0) return e;
  if (reply.stat.mode_type == S_IFDIR) {
    reply.is_directory = true;
    return add(std::move(opened), dir->writable, reply.dir);
  }
  if (fcntl(opened.get(), F_SETFL, r.append ? O_APPEND : 0) != 0) return errno;
  file = std::move(opened);
  return 0;
}

protocol::OpenReply PathService::open(const protocol::PathOpen& request, Fd& file) {
  protocol::OpenReply reply;
  int error = try_open(request, reply, file);
  if (error != 0) reply = {.error = static_cast<uint32_t>(error)};
  return reply;
}

protocol::StatReply PathService::stat(const protocol::PathStat& r) {
  const Grant* dir;
  Fd probe;
  protocol::StatReply reply;
  int error = find(r.dir, Access::Look, dir);
  uint64_t flags = O_PATH | (r.follow ? 0U : unsigned{O_NOFOLLOW});
  if (error == 0) error = open_beneath(dir->directory.get(), r.path, flags, 0, probe);
  if (error == 0) error = read_stat(probe.get(), reply.stat);
  reply.error = static_cast<uint32_t>(error);
  return reply;
}

protocol::ReadlinkReply PathService::readlink(const protocol::PathReadlink& r) {
  const Grant* dir;
  Fd link;
  protocol::FileStat s;
  protocol::ReadlinkReply reply;
  int error = find(r.dir, Access::Look, dir);
  if (error == 0) {
    error = open_beneath(dir->directory.get(), r.path, O_PATH | O_NOFOLLOW, 0, link);
  }
  if (error == 0) error = read_stat(link.get(), s);
  if (error == 0 && s.mode_type != S_IFLNK) error = EINVAL;
  if (error == 0) {
    reply.target.resize(protocol::kMaxPath);
    ssize_t size = readlinkat(link.get(), "", reply.target.data(), reply.target.size());
    error = size < 0 ? errno : 0;
    reply.target.resize(size < 0 ? 0 : static_cast<size_t>(size));
  }
  reply.error = static_cast<uint32_t>(error);
  return reply;
}

int PathService::set_times(const protocol::PathSetTimes& r) {
  const Grant* dir;
  if (int e = find(r.dir, Access::Change, dir); e != 0) return e;
  Fd file;
  uint64_t flags = O_PATH | (r.follow ? 0U : unsigned{O_NOFOLLOW});
  if (int e = open_beneath(dir->directory.get(), r.path, flags, 0, file); e != 0) return e;
  timespec times[2] = {to_timespec(r.atim_ns), to_timespec(r.mtim_ns)};
  return status(utimensat(file.get(), "", times, AT_EMPTY_PATH));
}

int PathService::create_directory(const protocol::PathCreateDirectory& r) {
  const Grant* dir;
  LastComponent last;
  if (int e = find(r.dir, Access::Change, dir); e != 0) return e;
  if (int e = open_parent(dir->directory.get(), r.path, last); e != 0) return e;
  return status(mkdirat(last.parent.get(), last.name.c_str(), kNewDirectoryMode));
}

int PathService::remove_directory(const protocol::PathRemoveDirectory& r) {
  const Grant* dir;
  LastComponent last;
  if (int e = find(r.dir, Access::Change, dir); e != 0) return e;
  if (int e = open_parent(dir->directory.get(), r.path, last); e != 0) return e;
  return status(unlinkat(last.parent.get(), last.name.c_str(), AT_REMOVEDIR));
}

int PathService::unlink_file(const protocol::PathUnlinkFile& r) {
  const Grant* dir;
  LastComponent last;
  if (int e = find(r.dir, Access::Change, dir); e != 0) return e;
  if (int e = open_parent(dir->directory.get(), r.path, last); e != 0) return e;
  if (last.trailing_slash && !is_directory_at(last)) return ENOTDIR;
  return status(unlinkat(last.parent.get(), last.name.c_str(), 0));
}

int PathService::rename(const protocol::PathRename& r) {
  const Grant* from_dir;
  const Grant* to_dir;
  LastComponent from, to;
  if (int e = find(r.from_dir, Access::Change, from_dir); e != 0) return e;
  if (int e = find(r.to_dir, Access::Change, to_dir); e != 0) return e;
  if (int e = open_parent(from_dir->directory.get(), r.from, from); e != 0) return e;
  if (int e = open_parent(to_dir->directory.get(), r.to, to); e != 0) return e;
  if ((from.trailing_slash || to.trailing_slash) && !is_directory_at(from)) return ENOTDIR;
  return status(renameat(from.parent.get(), from.name.c_str(), to.parent.get(), to.name.c_str()));
}

int PathService::link(const protocol::PathLink& r) {
  const Grant* from_dir;
  const Grant* to_dir;
  LastComponent from, to;
  if (int e = find(r.from_dir, Access::Change, from_dir); e != 0) return e;
  if (int e = find(r.to_dir, Access::Change, to_dir); e != 0) return e;
  if (int e = open_parent(from_dir->directory.get(), r.from, from); e != 0) return e;
  if (int e = open_parent(to_dir->directory.get(), r.to, to); e != 0) return e;
  if (from.trailing_slash && !is_directory_at(from)) return ENOTDIR;
  if (int e = check_new_name(to); e != 0) return e;
  struct stat s;
  if (fstatat(from.parent.get(), from.name.c_str(), &s, AT_SYMLINK_NOFOLLOW) != 0) return errno;
  // linkat(AT_SYMLINK_FOLLOW) would walk the link outside of openat2, so it is never asked to.
  if (r.follow && S_ISLNK(s.st_mode)) return EINVAL;
  return status(linkat(from.parent.get(), from.name.c_str(), to.parent.get(), to.name.c_str(), 0));
}

int PathService::symlink(const protocol::PathSymlink& r) {
  const Grant* dir;
  LastComponent last;
  if (int e = find(r.dir, Access::Change, dir); e != 0) return e;
  if (int e = check_path(r.target); e != 0) return e;
  if (!stays_beneath(r.target)) return EPERM;
  if (int e = open_parent(dir->directory.get(), r.path, last); e != 0) return e;
  if (int e = check_new_name(last); e != 0) return e;
  return status(symlinkat(r.target.c_str(), last.parent.get(), last.name.c_str()));
}

int PathService::sync_directory(const protocol::DirectorySync& r) {
  const Grant* dir;
  if (int e = find(r.dir, Access::Look, dir); e != 0) return e;
  return status(fsync(dir->directory.get()));
}

int PathService::close_directory(const protocol::DirectoryClose& r) {
  const Grant* dir;
  if (int e = find(r.dir, Access::Look, dir); e != 0) return e;
  directories_[r.dir].directory.reset();
  return 0;
}

protocol::StatReply PathService::stat_directory(const protocol::DirectoryStat& r) {
  const Grant* dir;
  protocol::StatReply reply;
  int error = find(r.dir, Access::Look, dir);
  if (error == 0) error = read_stat(dir->directory.get(), reply.stat);
  reply.error = static_cast<uint32_t>(error);
  return reply;
}

}  // namespace cordon::supervisor
