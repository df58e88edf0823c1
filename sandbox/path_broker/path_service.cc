// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/path_broker/path_service.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "sandbox/path_broker/link_target.h"
#include "sandbox/path_broker/moved_tree.h"
#include "sandbox/path_broker/read_entries.h"
#include "sandbox/path_broker/resolve.h"

namespace cordon::path_broker {
namespace {

constexpr mode_t kNewFileMode = 0666;  // the umask of the user who started Cordon applies
constexpr mode_t kNewDirectoryMode = 0777;
constexpr uint64_t kNow = ~uint64_t{0};
constexpr uint64_t kOmit = ~uint64_t{0} - 1;

int status(int result) { return result == 0 ? 0 : errno; }

timespec to_timespec(uint64_t ns) {
  if (ns == kNow) return {0, UTIME_NOW};
  if (ns == kOmit) return {0, UTIME_OMIT};
  return {static_cast<time_t>(ns / 1'000'000'000U), static_cast<long>(ns % 1'000'000'000U)};
}

int set_times_of(int fd, uint64_t atim_ns, uint64_t mtim_ns) {
  const timespec times[2] = {to_timespec(atim_ns), to_timespec(mtim_ns)};
  return status(utimensat(fd, "", times, AT_EMPTY_PATH));
}

uint64_t look_flags(bool follow) { return O_PATH | (follow ? 0U : unsigned{O_NOFOLLOW}); }

uint64_t open_flags(const protocol::PathOpen& r) {
  // O_NONBLOCK and O_NOCTTY: an open has no effect if a fifo or a terminal is swapped in after the
  // check.
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

// Opens the last component itself, without following a symbolic link.
int look_at(const LastComponent& last, Fd& fd, Inode& inode) {
  if (int e = open_beneath(last.parent, last.name, look_flags(false), 0, fd); e != 0) {
    return e;
  }
  return read_inode(fd.get(), inode);
}

// 0 if it is a directory, as a slash after its name requires.
int check_trailing_slash(const LastComponent& last) {
  if (!last.trailing_slash) return 0;
  Fd fd;
  Inode inode;
  if (int e = look_at(last, fd, inode); e != 0) return e;
  return inode.stat.mode_type == S_IFDIR ? 0 : ENOTDIR;
}

// Checks a name that must not exist yet, of something other than a directory.
int check_new_name(const LastComponent& last) {
  if (!last.trailing_slash) return 0;
  Fd fd;
  Inode inode;
  return look_at(last, fd, inode) == 0 ? EEXIST : ENOENT;
}

}  // namespace

int PathService::keep_file(const protocol::PathOpen& request, const Handle& dir, Seen seen,
                           const Inode& opened, uint32_t& number) {
  number = protocol::kNoHandle;
  if (!handles_.is_writable(dir)) return 0;
  // The file that was checked before the open is most often the one that was opened.
  int e = 0;
  if (!seen.fd.valid() || !seen.inode.is_same_file(opened)) {
    e = open_beneath(dir.fd.get(), request.path, look_flags(request.follow), 0, seen.fd);
    if (e == 0) e = read_inode(seen.fd.get(), seen.inode);
  }
  // Without a handle the file can still be used; only its times cannot be set.
  if (e != 0 || !seen.inode.is_same_file(opened)) return 0;
  return handles_.add({std::move(seen.fd), dir.grant, false}, number);
}

int PathService::changeable(uint32_t number, std::string_view path, Name name,
                            const Handle*& dir) const {
  const int error = handles_.directory(number, Access::Change, dir);
  if (error != EROFS) return error;
  if (int e = handles_.directory(number, Access::Look, dir); e != 0) return e;
  return refuse_change(dir->fd.get(), path, name);  // [F1]
}

// An open for writing beneath a read-only grant, which writes nothing there [F1].
int PathService::open_read_only(const protocol::PathOpen& r, protocol::OpenReply& reply, Fd& file) {
  const Handle* dir;
  if (int e = handles_.directory(r.dir, Access::Look, dir); e != 0) return e;
  Fd fd;
  Inode inode;
  const bool exclusive = r.create && r.exclusive;
  const int found = open_beneath(dir->fd.get(), r.path, look_flags(r.follow && !exclusive), 0, fd);
  if (found == ENOENT && r.create) return refuse_change(dir->fd.get(), r.path, Name::Any);
  if (found != 0) return found;
  if (exclusive) return EEXIST;
  if (int e = read_inode(fd.get(), inode); e != 0) return e;
  if (inode.stat.mode_type == S_IFDIR) return EISDIR;
  if (r.write || r.append || r.truncate) return EROFS;
  // O_CREAT of an existing file creates nothing.
  protocol::PathOpen reading = r;
  reading.create = false;
  return try_open(reading, reply, file);
}

int PathService::try_open(const protocol::PathOpen& r, protocol::OpenReply& reply, Fd& file) {
  bool changes = r.write || r.append || r.create || r.truncate;
  const Handle* dir;
  if (r.create && r.directory) return EINVAL;  // Linux's result differs by version
  const int granted = handles_.directory(r.dir, changes ? Access::Change : Access::Look, dir);
  if (granted == EROFS) return open_read_only(r, reply, file);
  if (granted != 0) return granted;
  if (r.create && std::string_view(r.path).ends_with('/')) {
    // As open(2): errors on the way to the file come first.
    LastComponent last;
    const int parent = open_parent(dir->fd.get(), r.path, last);
    return parent != 0 ? parent : EISDIR;
  }

  // Check before opening: open(2) alone can already act on a device.
  Seen seen;
  // A link exists, wherever it leads.
  const bool follow = r.follow && !(r.create && r.exclusive);
  uint64_t look = look_flags(follow) | (r.directory ? O_DIRECTORY : 0U);
  int found = open_beneath(dir->fd.get(), r.path, look, 0, seen.fd);
  if (found != 0 && !(found == ENOENT && r.create)) return found;
  if (found == 0) {
    if (r.create && r.exclusive) return EEXIST;
    if (int e = read_inode(seen.fd.get(), seen.inode); e != 0) return e;
    if (int e = check_kind(seen.inode); e != 0) return e;
  }
  Fd opened;
  Inode inode;
  uint64_t mode = r.create ? kNewFileMode : 0;
  if (int e = open_beneath(dir->fd.get(), r.path, open_flags(r), mode, opened); e != 0) return e;
  // Check again: the file that is open now decides.
  if (int e = read_inode(opened.get(), inode); e != 0) return e;
  if (int e = check_kind(inode); e != 0) return e;
  reply.stat = inode.stat;
  if (inode.stat.mode_type == S_IFDIR) {
    reply.is_directory = true;
    return handles_.add({std::move(opened), dir->grant, true}, reply.handle);
  }
  if (fcntl(opened.get(), F_SETFL, r.append ? O_APPEND : 0) != 0) return errno;
  if (int e = keep_file(r, *dir, std::move(seen), inode, reply.handle); e != 0) return e;
  file = std::move(opened);
  return 0;
}

protocol::OpenReply PathService::open(const protocol::PathOpen& request, Fd& file) {
  protocol::OpenReply reply;
  int error = try_open(request, reply, file);
  if (error != 0) reply = {.error = static_cast<uint32_t>(error)};
  return reply;
}

protocol::StatReply PathService::stat(const protocol::PathStat& r) const {
  const Handle* dir;
  Fd probe;
  Inode inode;
  int error = handles_.directory(r.dir, Access::Look, dir);
  if (error == 0) error = open_beneath(dir->fd.get(), r.path, look_flags(r.follow), 0, probe);
  if (error == 0) error = read_inode(probe.get(), inode);
  return {.error = static_cast<uint32_t>(error), .stat = inode.stat};
}

protocol::ReadlinkReply PathService::readlink(const protocol::PathReadlink& r) const {
  const Handle* dir;
  Fd link;
  Inode inode;
  protocol::ReadlinkReply reply;
  int error = handles_.directory(r.dir, Access::Look, dir);
  if (error == 0) error = open_beneath(dir->fd.get(), r.path, look_flags(false), 0, link);
  if (error == 0) error = read_inode(link.get(), inode);
  if (error == 0 && inode.stat.mode_type != S_IFLNK) error = EINVAL;
  if (error == 0) error = read_link(link.get(), reply.target);
  reply.error = static_cast<uint32_t>(error);
  return reply;
}

int PathService::set_times(const protocol::PathSetTimes& r) const {
  const Handle* dir;
  if (int e = changeable(r.dir, r.path, Name::Existing, dir); e != 0) return e;
  Fd file;
  if (int e = open_beneath(dir->fd.get(), r.path, look_flags(r.follow), 0, file); e != 0) return e;
  return set_times_of(file.get(), r.atim_ns, r.mtim_ns);
}

int PathService::set_file_times(const protocol::FileSetTimes& r) const {
  const Handle* file;
  if (int e = handles_.file(r.file, file); e != 0) return e;
  return set_times_of(file->fd.get(), r.atim_ns, r.mtim_ns);
}

int PathService::create_directory(const protocol::PathCreateDirectory& r) const {
  const Handle* dir;
  LastComponent last;
  if (int e = changeable(r.dir, r.path, Name::New, dir); e != 0) return e;
  if (int e = open_parent(dir->fd.get(), r.path, last); e != 0) return e;
  if (last.is_dots) return EEXIST;
  return status(mkdirat(last.parent, last.name.c_str(), kNewDirectoryMode));
}

int PathService::remove_directory(const protocol::PathRemoveDirectory& r) const {
  const Handle* dir;
  LastComponent last;
  if (int e = changeable(r.dir, r.path, Name::Any, dir); e != 0) return e;
  if (int e = open_parent(dir->fd.get(), r.path, last); e != 0) return e;
  // As rmdir(2): "." is EINVAL, and what ".." names is not empty, as the path came from there.
  if (last.is_dots) return last.name == ".." ? ENOTEMPTY : EINVAL;
  return status(unlinkat(last.parent, last.name.c_str(), AT_REMOVEDIR));
}

int PathService::unlink_file(const protocol::PathUnlinkFile& r) const {
  const Handle* dir;
  LastComponent last;
  if (int e = changeable(r.dir, r.path, Name::Any, dir); e != 0) return e;
  if (int e = open_parent(dir->fd.get(), r.path, last); e != 0) return e;
  if (last.is_dots) return EISDIR;
  if (int e = check_trailing_slash(last); e != 0) return e;
  return status(unlinkat(last.parent, last.name.c_str(), 0));
}

int PathService::rename(const protocol::PathRename& r) const {
  const Handle *from_dir, *to_dir;
  LastComponent from, to;
  if (int e = changeable(r.from_dir, r.from, Name::Any, from_dir); e != 0) return e;
  if (int e = changeable(r.to_dir, r.to, Name::Any, to_dir); e != 0) return e;
  if (int e = open_parent(from_dir->fd.get(), r.from, from); e != 0) return e;
  if (int e = open_parent(to_dir->fd.get(), r.to, to); e != 0) return e;
  if (from.is_dots || to.is_dots) return EBUSY;
  Fd moved;
  Inode inode;
  if (int e = look_at(from, moved, inode); e != 0) return e;
  const bool slash = from.trailing_slash || to.trailing_slash;
  if (slash && inode.stat.mode_type != S_IFDIR) return ENOTDIR;
  const Place before{handles_.root_of(*from_dir), from.parent};
  const Place after{handles_.root_of(*to_dir), to.parent};
  if (int e = check_move(before, after, moved.get(), inode); e != 0) return e;
  return status(renameat(from.parent, from.name.c_str(), to.parent, to.name.c_str()));
}

int PathService::link(const protocol::PathLink& r) const {
  const Handle *from_dir, *to_dir;
  LastComponent from, to;
  if (int e = changeable(r.from_dir, r.from, Name::Existing, from_dir); e != 0) return e;
  if (int e = changeable(r.to_dir, r.to, Name::New, to_dir); e != 0) return e;
  if (int e = open_parent(from_dir->fd.get(), r.from, from); e != 0) return e;
  if (from.is_dots) return EPERM;  // a directory
  if (int e = check_trailing_slash(from); e != 0) return e;
  if (int e = open_parent(to_dir->fd.get(), r.to, to); e != 0) return e;
  if (to.is_dots) return EEXIST;
  Fd linked;
  Inode inode;
  if (int e = look_at(from, linked, inode); e != 0) return e;
  if (int e = check_new_name(to); e != 0) return e;
  // linkat(AT_SYMLINK_FOLLOW) would follow the link without openat2, so it is never called.
  if (r.follow && inode.stat.mode_type == S_IFLNK) return EINVAL;
  const Place before{handles_.root_of(*from_dir), from.parent};
  const Place after{handles_.root_of(*to_dir), to.parent};
  if (int e = check_move(before, after, linked.get(), inode); e != 0) return e;
  return status(linkat(from.parent, from.name.c_str(), to.parent, to.name.c_str(), 0));
}

int PathService::symlink(const protocol::PathSymlink& r) const {
  const Handle* dir;
  LastComponent last;
  if (int e = changeable(r.dir, r.path, Name::New, dir); e != 0) return e;
  if (int e = check_path(r.target); e != 0) return e;
  if (int e = open_parent(dir->fd.get(), r.path, last); e != 0) return e;
  if (last.is_dots) return EEXIST;
  if (int e = check_new_name(last); e != 0) return e;
  if (int e = check_link_target({handles_.root_of(*dir), last.parent}, r.target); e != 0) {
    return e;
  }
  return status(symlinkat(r.target.c_str(), last.parent, last.name.c_str()));
}

int PathService::sync_directory(const protocol::DirectorySync& r) const {
  const Handle* dir;
  if (int e = handles_.directory(r.dir, Access::Look, dir); e != 0) return e;
  return status(fsync(dir->fd.get()));
}

void PathService::release(const protocol::Release& r) {
  for (uint32_t handle : r.handles) handles_.release(handle);
}

protocol::StatReply PathService::stat_directory(const protocol::DirectoryStat& r) const {
  const Handle* dir;
  Inode inode;
  int error = handles_.directory(r.dir, Access::Look, dir);
  if (error == 0) error = read_inode(dir->fd.get(), inode);
  return {.error = static_cast<uint32_t>(error), .stat = inode.stat};
}

protocol::DirectoryReply PathService::read_directory(const protocol::DirectoryRead& r) const {
  const Handle* dir;
  protocol::DirectoryReply reply;
  int error = handles_.directory(r.dir, Access::Look, dir);
  if (error == 0) error = read_entries(dir->fd.get(), r.cookie, reply.entries);
  if (error != 0) reply = {.error = static_cast<uint32_t>(error), .entries = {}};
  return reply;
}

}  // namespace cordon::path_broker
