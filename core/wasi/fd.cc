// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// fd_*: operations on a descriptor other than transferring bytes (io.cc) and listing
// (readdir.cc).
#include <fcntl.h>
#include <unistd.h>

#include <limits>

#include "core/wasi/calls.h"
#include "core/wasi/file_times.h"
#include "core/wasi/host_stat.h"

namespace cordon::wasi::calls {
namespace {

constexpr uint64_t kMaxOffset = std::numeric_limits<int64_t>::max();

Errno stat_of(Call& call, FdEntry& fd, FileStat& out) {
  if (!fd.is_directory()) return stat_host(fd.host, out);
  return from_linux(call.wasi.broker().stat_directory(fd.directory->handle(), out));
}

Errno move_position(FdEntry& fd, int64_t offset, int whence, Out<uint64_t> position) {
  off_t at = lseek(fd.host, offset, whence);
  if (at < 0) return from_result(-1);
  position.set(static_cast<uint64_t>(at));
  return Errno::success;
}

}  // namespace

Errno fd_advise(Call&, FdEntry& fd, uint64_t offset, uint64_t size, uint32_t advice) {
  // In the order of the witx: normal, sequential, random, willneed, dontneed, noreuse.
  constexpr int kAdvice[] = {POSIX_FADV_NORMAL,   POSIX_FADV_SEQUENTIAL, POSIX_FADV_RANDOM,
                             POSIX_FADV_WILLNEED, POSIX_FADV_DONTNEED,   POSIX_FADV_NOREUSE};
  static_assert(std::size(kAdvice) == kAdviceLast + 1);
  if (advice > kAdviceLast || offset > kMaxOffset || size > kMaxOffset) return Errno::inval;
  return from_linux(posix_fadvise(fd.host, static_cast<off_t>(offset), static_cast<off_t>(size),
                                  kAdvice[advice]));
}

Errno fd_allocate(Call& call, FdEntry& fd, uint64_t offset, uint64_t size) {
  if (offset > kMaxOffset || size > kMaxOffset - offset) return Errno::fbig;
  // [L1] Allocated disk space counts as if it were written, even if it was allocated before.
  if (size > call.wasi.output_left()) {
    call.trap = Trap::output_limit;
    return Errno::success;
  }
  // Not posix_fallocate(): on a file system without support, glibc writes every block itself.
  const int result = fallocate(fd.host, 0, static_cast<off_t>(offset), static_cast<off_t>(size));
  if (result == 0) call.wasi.spend_output(size);
  return from_result(result);
}

Errno fd_close(Call& call, FdNumber number) {
  bool closed = call.wasi.fds().close(static_cast<uint32_t>(number));
  return closed ? Errno::success : Errno::badf;
}

Errno fd_datasync(Call& call, FdEntry& fd) {
  if (fd.is_directory()) return fd_sync(call, fd);
  return from_result(fdatasync(fd.host));
}

Errno fd_sync(Call& call, FdEntry& fd) {
  if (!fd.is_directory()) return from_result(fsync(fd.host));
  return from_linux(call.wasi.broker().sync_directory(fd.directory->handle()));
}

Errno fd_fdstat_get(Call&, FdEntry& fd, Out<Fdstat> stat) {
  Fdstat out;
  out.filetype = fd.type;
  out.rights_base = fd.told(fd.base);
  out.rights_inheriting = fd.told(fd.inheriting);
  uint32_t flags = fd.flags;
  if (!fd.is_directory()) {
    int host_flags = fcntl(fd.host, F_GETFL);
    if (host_flags < 0) return from_result(-1);
    if ((host_flags & O_APPEND) != 0) flags |= fdflag::kAppend;
  }
  out.flags = static_cast<uint16_t>(flags);
  stat.set(out);
  return Errno::success;
}

// The kernel keeps flags with the open file, and standard input, output and error are shared with
// Cordon's parent: a guest that could set O_NONBLOCK there would break the user's shell. So
// kNonblock is only emulated (io.cc) and kAppend cannot change there. The kernel cannot add O_SYNC
// afterwards anyway, so of an opened file's flags it keeps only O_APPEND.
Errno fd_fdstat_set_flags(Call&, FdEntry& fd, Flags<fdflag::kAll> flags) {
  if (!fd.is_directory()) {
    int host_flags = fcntl(fd.host, F_GETFL);
    if (host_flags < 0) return from_result(-1);
    bool appends = (host_flags & O_APPEND) != 0;
    if (appends != flags.has(fdflag::kAppend)) {
      if (fd.is_stdio()) return Errno::notsup;
      if (fcntl(fd.host, F_SETFL, appends ? 0 : O_APPEND) != 0) return from_result(-1);
    }
  }
  fd.flags = flags.bits & ~fdflag::kAppend;
  return Errno::success;
}

Errno fd_fdstat_set_rights(Call&, FdEntry& fd, Rights base, Rights inheriting) {
  // Rights can only be given up.
  if ((base & ~fd.base) != 0 || (inheriting & ~fd.inheriting) != 0) return Errno::notcapable;
  fd.base = base;
  fd.inheriting = inheriting;
  return Errno::success;
}

Errno fd_filestat_get(Call& call, FdEntry& fd, Out<Filestat> stat) {
  FileStat found;
  if (Errno e = stat_of(call, fd, found); e != Errno::success) return e;
  stat.set(to_guest(found));
  return Errno::success;
}

Errno fd_filestat_set_size(Call&, FdEntry& fd, uint64_t size) {
  if (size > kMaxOffset) return Errno::inval;
  return from_result(ftruncate(fd.host, static_cast<off_t>(size)));
}

// [F1] Not futimens(): an owner may set the times of a file that it has open for reading only, and
// so of one in a read-only directory. The broker has a handle of each file that may be changed.
Errno fd_filestat_set_times(Call& call, FdEntry& fd, uint64_t atim, uint64_t mtim,
                            Flags<fstflag::kAll> flags) {
  FileTimes times;
  if (Errno e = to_file_times(atim, mtim, flags.bits, times); e != Errno::success) return e;
  PathBroker& broker = call.wasi.broker();
  if (fd.is_directory()) {
    return from_linux(broker.set_times(fd.directory->handle(), ".", false, times));
  }
  if (!fd.writable) return Errno::rofs;
  if (fd.kept == nullptr) return Errno::notsup;
  return from_linux(broker.set_file_times(fd.kept->handle(), times));
}

// wasi-libc tries numbers from 3 up to the first badf, so what is no preopen gives badf, too.
Errno fd_prestat_get(Call&, FdEntry& fd, Out<Prestat> stat) {
  if (!fd.preopened_as) return Errno::badf;
  Prestat out;
  out.name_size = static_cast<uint32_t>(fd.preopened_as->size());
  stat.set(out);
  return Errno::success;
}

Errno fd_prestat_dir_name(Call&, FdEntry& fd, Buffer name) {
  if (!fd.preopened_as) return Errno::badf;
  if (name.size() < fd.preopened_as->size()) return Errno::nametoolong;
  std::memcpy(name.data(), fd.preopened_as->data(), fd.preopened_as->size());
  return Errno::success;
}

Errno fd_renumber(Call& call, FdNumber from, FdNumber to) {
  bool moved = call.wasi.fds().renumber(static_cast<uint32_t>(from), static_cast<uint32_t>(to));
  return moved ? Errno::success : Errno::badf;
}

Errno fd_seek(Call&, FdEntry& fd, int64_t offset, uint32_t whence, Out<uint64_t> position) {
  constexpr int kWhence[] = {SEEK_SET, SEEK_CUR, SEEK_END};
  if (whence > kWhenceEnd) return Errno::inval;
  // The witx: a seek that does not move the position needs only fd_tell.
  bool moves = whence != kWhenceCur || offset != 0;
  if (Errno e = moves ? fd.check(right::fd_seek) : Errno::success; e != Errno::success) return e;
  return move_position(fd, offset, kWhence[whence], position);
}

Errno fd_tell(Call&, FdEntry& fd, Out<uint64_t> position) {
  return move_position(fd, 0, SEEK_CUR, position);
}

}  // namespace cordon::wasi::calls
