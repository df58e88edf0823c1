// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// PathService::read_directory. One getdents64(2) a request; the cookie is the kernel's own d_off,
// so nothing is kept between requests and a directory that changes meanwhile behaves as it does
// natively.
#include <dirent.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "sandbox/supervisor/path_service.h"

namespace cordon::supervisor {
namespace {

// Bounds the reply ([L1]): a record of the kernel is at least as long as its encoding is, less 4
// bytes.
constexpr size_t kBufferSize = 16384;

struct KernelDirent {
  uint64_t ino;
  int64_t next;
  uint16_t size;
  uint8_t type;
};
constexpr size_t kNameOffset = offsetof(KernelDirent, type) + 1;

int read_entries(int fd, uint64_t cookie, std::vector<protocol::DirEntry>& out) {
  if (lseek(fd, static_cast<off_t>(cookie), SEEK_SET) < 0) return errno;
  alignas(KernelDirent) char buffer[kBufferSize];
  long got = syscall(SYS_getdents64, fd, buffer, sizeof buffer);
  if (got < 0) return errno;
  for (long at = 0; at < got && out.size() < protocol::kMaxEntries;) {
    KernelDirent entry;
    std::memcpy(&entry, buffer + at, sizeof entry);
    const char* name = buffer + at + kNameOffset;
    // The inode of ".." may be that of a directory outside.
    uint64_t ino = std::strcmp(name, "..") == 0 ? 0 : entry.ino;
    out.push_back(
        {static_cast<uint64_t>(entry.next), ino, static_cast<uint32_t>(DTTOIF(entry.type)), name});
    at += entry.size;
  }
  return 0;
}

}  // namespace

protocol::DirectoryReply PathService::read_directory(const protocol::DirectoryRead& r) {
  const Grant* dir;
  protocol::DirectoryReply reply;
  int error = find(r.dir, Access::Look, dir);
  if (error == 0) error = read_entries(dir->directory.get(), r.cookie, reply.entries);
  if (error != 0) reply = {.error = static_cast<uint32_t>(error), .entries = {}};
  return reply;
}

}  // namespace cordon::supervisor
