// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/wasi/host_stat.h"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace cordon::wasi {
namespace {

uint64_t nanoseconds(const timespec& time) {
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000U + static_cast<uint64_t>(time.tv_nsec);
}

}  // namespace

Errno stat_host(int fd, FileStat& out) {
  struct stat s;
  // Not fstat(): glibc makes that newfstatat(2), which takes a path and is forbidden in the jail.
  if (syscall(SYS_fstat, fd, &s) != 0) return from_result(-1);
  out = {.dev = s.st_dev,
         .ino = s.st_ino,
         .nlink = s.st_nlink,
         .size = static_cast<uint64_t>(s.st_size),
         .mode_type = s.st_mode & S_IFMT,
         .atim_ns = nanoseconds(s.st_atim),
         .mtim_ns = nanoseconds(s.st_mtim),
         .ctim_ns = nanoseconds(s.st_ctim)};
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
