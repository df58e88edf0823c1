// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// path_*: everything that names a file is the broker's to answer ([F1]). Here are only the rights,
// the guest's numbers and the copying.
#include <algorithm>

#include "core/wasi/calls.h"
#include "core/wasi/file_times.h"
#include "core/wasi/host_stat.h"

namespace cordon::wasi::calls {
namespace {

// The rights that only a descriptor open for writing can keep.
constexpr Rights kWriting = right::fd_write | right::fd_allocate | right::fd_filestat_set_size;

DirHandle handle(const FdEntry& fd) { return fd.directory->handle(); }

Errno check_open_rights(const FdEntry& fd, uint32_t oflags, Rights base, Rights inheriting) {
  if (((base | inheriting) & ~fd.inheriting) != 0) return Errno::notcapable;
  Rights needed = 0;
  if ((oflags & oflag::kCreat) != 0) needed |= right::path_create_file;
  if ((oflags & oflag::kTrunc) != 0) needed |= right::path_filestat_set_size;
  return fd.has(needed) ? Errno::success : Errno::notcapable;
}

std::unique_ptr<FdEntry> opened_entry(Call& call, FdEntry& parent, Path& path, Opened opened,
                                      Rights base, Rights inheriting) {
  auto entry = std::make_unique<FdEntry>();
  if (opened.is_directory) {
    entry->type = FileType::directory;
    entry->directory = std::make_shared<Directory>(call.wasi.broker(), opened.dir);
    entry->base = base & right::kDirectory;
    entry->inheriting = inheriting;
    return entry;
  }
  entry->type = file_type(opened.stat.mode_type);
  entry->file = std::move(opened.file);
  entry->host = entry->file.get();
  entry->base = base & right::kFile;
  entry->parent = parent.directory;
  entry->name = std::move(path);
  return entry;
}

}  // namespace

Errno path_open(Call& call, FdEntry& fd, Flags<kLookupSymlinkFollow> lookup, Path& path,
                Flags<oflag::kAll> oflags, Rights base, Rights inheriting,
                Flags<fdflag::kAll> flags, Out<uint32_t> opened_number) {
  if (Errno e = check_open_rights(fd, oflags.bits, base, inheriting); e != Errno::success) return e;
  // Before the broker is asked: an open file that finds no number would be lost.
  std::optional<uint32_t> number = call.wasi.fds().free_number();
  if (!number) return Errno::mfile;
  bool write = (base & kWriting) != 0;
  Opened opened;
  int error = call.wasi.broker().open({.dir = handle(fd),
                                       .path = path,
                                       .follow = lookup.has(kLookupSymlinkFollow),
                                       .create = oflags.has(oflag::kCreat),
                                       .directory = oflags.has(oflag::kDirectory),
                                       .exclusive = oflags.has(oflag::kExcl),
                                       .truncate = oflags.has(oflag::kTrunc),
                                       .read = !write || (base & right::fd_read) != 0,
                                       .write = write,
                                       .append = write && flags.has(fdflag::kAppend)},
                                      opened);
  if (error != 0) return from_linux(error);
  auto entry = opened_entry(call, fd, path, std::move(opened), base, inheriting);
  entry->flags = flags.bits & ~fdflag::kAppend;
  call.wasi.fds().place(*number, std::move(entry));
  opened_number.set(*number);
  return Errno::success;
}

Errno path_create_directory(Call& call, FdEntry& fd, Path& path) {
  return from_linux(call.wasi.broker().create_directory(handle(fd), path));
}

Errno path_remove_directory(Call& call, FdEntry& fd, Path& path) {
  return from_linux(call.wasi.broker().remove_directory(handle(fd), path));
}

Errno path_unlink_file(Call& call, FdEntry& fd, Path& path) {
  return from_linux(call.wasi.broker().unlink_file(handle(fd), path));
}

Errno path_filestat_get(Call& call, FdEntry& fd, Flags<kLookupSymlinkFollow> lookup, Path& path,
                        Out<Filestat> stat) {
  FileStat found;
  bool follow = lookup.has(kLookupSymlinkFollow);
  int error = call.wasi.broker().stat(handle(fd), path, follow, found);
  if (error == 0) stat.set(to_guest(found));
  return from_linux(error);
}

Errno path_filestat_set_times(Call& call, FdEntry& fd, Flags<kLookupSymlinkFollow> lookup,
                              Path& path, uint64_t atim, uint64_t mtim,
                              Flags<fstflag::kAll> flags) {
  FileTimes times;
  if (Errno e = to_file_times(atim, mtim, flags.bits, times); e != Errno::success) return e;
  bool follow = lookup.has(kLookupSymlinkFollow);
  return from_linux(call.wasi.broker().set_times(handle(fd), path, follow, times));
}

Errno path_link(Call& call, FdEntry& from_fd, Flags<kLookupSymlinkFollow> lookup, Path& from,
                FdEntry& to_fd, Path& to) {
  bool follow = lookup.has(kLookupSymlinkFollow);
  return from_linux(call.wasi.broker().link(handle(from_fd), from, follow, handle(to_fd), to));
}

Errno path_rename(Call& call, FdEntry& from_fd, Path& from, FdEntry& to_fd, Path& to) {
  return from_linux(call.wasi.broker().rename(handle(from_fd), from, handle(to_fd), to));
}

Errno path_symlink(Call& call, Path& target, FdEntry& fd, Path& path) {
  return from_linux(call.wasi.broker().symlink(target, handle(fd), path));
}

// As readlink(2): what does not fit is cut off.
Errno path_readlink(Call& call, FdEntry& fd, Path& path, Buffer out, Out<uint32_t> used) {
  std::string target;
  int error = call.wasi.broker().readlink(handle(fd), path, target);
  if (error != 0) return from_linux(error);
  size_t size = std::min(target.size(), out.size());
  if (size > 0) std::memcpy(out.data(), target.data(), size);
  used.set(static_cast<uint32_t>(size));
  return Errno::success;
}

}  // namespace cordon::wasi::calls
