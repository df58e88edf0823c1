// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/path_broker/inode.h"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>

#include "core/base/file_time.h"

namespace cordon::path_broker {
namespace {

// Linux's numbers (Documentation/admin-guide/devices.txt). Reading and writing these devices has no
// effect on anything else.
constexpr unsigned kMemoryDevices = 1;
constexpr unsigned kHarmless[] = {
    3,  // null
    5,  // zero
    7,  // full
    8,  // random
    9,  // urandom
};

bool is_harmless(dev_t device) {
  if (major(device) != kMemoryDevices) return false;
  for (unsigned number : kHarmless) {
    if (minor(device) == number) return true;
  }
  return false;
}

}  // namespace

int read_inode(int fd, Inode& out) {
  struct stat s;
  // Not fstat(): glibc turns that into newfstatat(2), which takes a path.
  if (syscall(SYS_fstat, fd, &s) != 0) return errno;
  out.stat = {.dev = s.st_dev,
              .ino = s.st_ino,
              .nlink = s.st_nlink,
              .size = static_cast<uint64_t>(s.st_size),
              .mode_type = s.st_mode & S_IFMT,
              .atim_ns = file_time_ns(s.st_atim),
              .mtim_ns = file_time_ns(s.st_mtim),
              .ctim_ns = file_time_ns(s.st_ctim)};
  out.device = s.st_rdev;
  return 0;
}

int read_link(int fd, std::string& out) {
  out.resize(protocol::kMaxPath);
  const ssize_t size = readlinkat(fd, "", out.data(), out.size());
  const int error = size < 0 ? errno : 0;
  out.resize(size < 0 ? 0 : static_cast<size_t>(size));
  return error;
}

int check_kind(const Inode& inode) {
  switch (inode.stat.mode_type) {
    case S_IFREG:
    case S_IFDIR: return 0;
    case S_IFCHR: return is_harmless(inode.device) ? 0 : EACCES;
    case S_IFLNK: return ELOOP;
    case S_IFSOCK: return ENXIO;
    default: return EACCES;
  }
}

}  // namespace cordon::path_broker
