// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// path_*: the broker handles everything that names a file ([F1]). This file only handles rights,
// the guest's numbers and the copying.
#include <algorithm>

#include "core/wasi/calls.h"
#include "core/wasi/file_times.h"
#include "core/wasi/host_stat.h"

namespace cordon::wasi::calls {
namespace {

// The rights that only a file open for writing can use.
constexpr Rights kWriting = right::fd_write | right::fd_allocate | right::fd_filestat_set_size;

DirHandle handle(const FdEntry& fd) { return fd.directory->handle(); }

// fd_write is what shows it: Go requests fd_filestat_set_size for every file. Beneath a read-only
// directory wasi-libc leaves fd_write out, and fd_allocate is what remains of its O_WRONLY; the
// broker then refuses it like any other open for writing.
bool is_for_writing(const FdEntry& directory, Rights base) {
  if (!directory.writable && (base & right::fd_allocate) != 0) return true;
  return (base & right::fd_write) != 0;
}

std::unique_ptr<FdEntry> opened_entry(Call& call, const FdEntry& parent, Opened opened, Rights base,
                                      Rights inheriting) {
  auto entry = std::make_unique<FdEntry>();
  entry->writable = parent.writable;
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
  if (opened.file_handle != kNoFile) {
    entry->kept = std::make_unique<KeptFile>(call.wasi.broker(), opened.file_handle, entry->host);
  }
  return entry;
}

}  // namespace

// Rights that the directory does not pass on are left out, as if they had not been requested.
Errno path_open(Call& call, FdEntry& fd, Flags<kLookupSymlinkFollow> lookup, Path& path,
                Flags<oflag::kAll> oflags, Rights base, Rights inheriting,
                Flags<fdflag::kAll> flags, Out<uint32_t> opened_number) {
  base &= fd.inheriting;
  inheriting &= fd.inheriting;
  const Rights needed = oflags.has(oflag::kCreat) ? right::path_create_file : 0;
  if (Errno e = fd.check(needed); e != Errno::success) return e;
  // Checked before the request: an open file without a number would be lost.
  std::optional<uint32_t> number = call.wasi.fds().free_number();
  if (!number) return Errno::mfile;
  const bool write = is_for_writing(fd, base) && !oflags.has(oflag::kDirectory);
  if (!write) base &= ~kWriting;
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
  auto entry = opened_entry(call, fd, std::move(opened), base, inheriting);
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

// As readlink(2): the text is cut off at the buffer's size.
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
