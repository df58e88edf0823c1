// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/path_broker/read_entries.h"

#include <dirent.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "sandbox/path_broker/inode.h"

namespace cordon::path_broker {
namespace {

// Bounds the reply ([L1]): a record of the kernel is at least as long as its encoding minus 4
// bytes.
constexpr size_t kBufferSize = 16384;

struct KernelDirent {
  uint64_t ino;
  int64_t next;
  uint16_t size;
  uint8_t type;
};
constexpr size_t kNameOffset = offsetof(KernelDirent, type) + 1;

}  // namespace

int read_entries(int fd, uint64_t cookie, std::vector<protocol::DirEntry>& out) {
  Inode own;
  if (int e = read_inode(fd, own); e != 0) return e;
  if (lseek(fd, static_cast<off_t>(cookie), SEEK_SET) < 0) return errno;
  alignas(KernelDirent) char buffer[kBufferSize];
  long got = syscall(SYS_getdents64, fd, buffer, sizeof buffer);
  if (got < 0) return errno;
  for (long at = 0; at < got && out.size() < protocol::kMaxEntries;) {
    KernelDirent entry;
    std::memcpy(&entry, buffer + at, sizeof entry);
    const char* name = buffer + at + kNameOffset;
    const uint64_t ino = std::strcmp(name, "..") == 0 ? own.stat.ino : entry.ino;
    out.push_back(
        {static_cast<uint64_t>(entry.next), ino, static_cast<uint32_t>(DTTOIF(entry.type)), name});
    at += entry.size;
  }
  return 0;
}

}  // namespace cordon::path_broker
