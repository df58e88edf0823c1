// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/wasi/host_stat.h"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/file_time.h"

namespace cordon::wasi {
Errno stat_host(int fd, FileStat& out) {
  struct stat s;
  // Not fstat(): glibc calls newfstatat(2), which takes a path and is forbidden in the jail.
  if (syscall(SYS_fstat, fd, &s) != 0) return from_result(-1);
  out = {.dev = s.st_dev,
         .ino = s.st_ino,
         .nlink = s.st_nlink,
         .size = static_cast<uint64_t>(s.st_size),
         .mode_type = s.st_mode & S_IFMT,
         .atim_ns = file_time_ns(s.st_atim),
         .mtim_ns = file_time_ns(s.st_mtim),
         .ctim_ns = file_time_ns(s.st_ctim)};
  return Errno::success;
}

Filestat to_guest(const FileStat& stat) {
  Filestat out;
  out.dev = stat.dev;
  out.ino = stat.ino;
  out.filetype = file_type(stat.mode_type);
  out.nlink = stat.nlink;
  out.size = stat.size;
  out.atim = stat.atim_ns;
  out.mtim = stat.mtim_ns;
  out.ctim = stat.ctim_ns;
  return out;
}

}  // namespace cordon::wasi
