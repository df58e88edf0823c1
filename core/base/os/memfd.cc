// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/base/os/memfd.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "core/base/hex.h"

namespace cordon {

const int kAllSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

namespace {

// sendfile(2) moves at most 0x7ffff000 bytes a call; smaller steps keep the size check tight.
constexpr size_t kCopyStep = size_t{16} << 20;

Result<void> write_all(int fd, const uint8_t* data, size_t size) {
  while (size > 0) {
    ssize_t written = write(fd, data, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail_os("write to a memfd", errno);
    data += written;
    size -= static_cast<size_t>(written);
  }
  return {};
}

// For sources that sendfile refuses (pipes, terminals). It copies the bytes once more, which is
// cheap for these.
Result<uint64_t> copy_by_read(int source, int target, uint64_t max_size) {
  std::vector<uint8_t> buffer(size_t{1} << 16);
  uint64_t total = 0;
  for (;;) {
    ssize_t got = read(source, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_os("read", errno);
    if (got == 0) return total;
    total += static_cast<uint64_t>(got);
    if (total > max_size) return total;
    TRY_VOID(write_all(target, buffer.data(), static_cast<size_t>(got)));
  }
}

Result<uint64_t> copy_contents(int source, int target, uint64_t max_size) {
  uint64_t total = 0;
  while (total <= max_size) {
    ssize_t moved = sendfile(target, source, nullptr, kCopyStep);
    if (moved < 0 && errno == EINTR) continue;
    if (moved < 0 && total == 0 && (errno == EINVAL || errno == ENOSYS)) {
      return copy_by_read(source, target, max_size);
    }
    if (moved < 0) return fail_os("sendfile", errno);
    if (moved == 0) break;
    total += static_cast<uint64_t>(moved);
  }
  return total;
}

}  // namespace

Result<Fd> create_memfd(const char* name) {
  // MFD_NOEXEC_SEAL (Linux 6.3) also forbids ever executing the file; older kernels refuse the
  // flag.
  constexpr unsigned kNoExecSeal = 0x0008U;
  int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | kNoExecSeal);
  if (fd < 0 && errno == EINVAL) fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return fail_os("memfd_create", errno);
  return Fd(fd);
}

// The kernel waits a while for holders of references to pages, since they might write, and then
// fails with EBUSY (mm/memfd.c, memfd_wait_for_pins). Here only reclaim or compaction can hold one,
// so the call is repeated.
Result<Fd> seal_memfd(Fd fd) {
  constexpr int kTries = 8;  // of 150 ms
  for (int i = 0; i < kTries; ++i) {
    if (fcntl(fd.get(), F_ADD_SEALS, kAllSeals) == 0) return fd;
    if (errno != EBUSY) break;
  }
  return fail_os("fcntl F_ADD_SEALS", errno);
}

Result<Fd> duplicate(const Fd& fd) {
  Fd again(fcntl(fd.get(), F_DUPFD_CLOEXEC, 3));
  if (!again.valid()) return fail_os("fcntl F_DUPFD_CLOEXEC", errno);
  return again;
}

Result<Fd> sealed_copy_of_file(int source, uint64_t max_size, const char* name) {
  Fd target = TRY(create_memfd(name));
  uint64_t size = TRY(copy_contents(source, target.get(), max_size));
  if (size > max_size) {
    return fail(
        diag::too_large, kNoOffset,
        std::string(name) + " is larger than the limit of " + std::to_string(max_size) + " bytes");
  }
  return seal_memfd(std::move(target));
}

Result<Fd> sealed_copy_of_bytes(ByteSpan bytes, const char* name) {
  Fd target = TRY(create_memfd(name));
  TRY_VOID(write_all(target.get(), bytes.data(), bytes.size()));
  return seal_memfd(std::move(target));
}

Result<uint64_t> size_of_sealed(int fd) {
  int seals = fcntl(fd, F_GET_SEALS);
  if (seals < 0) return fail_os("fcntl F_GET_SEALS", errno);
  if ((seals & kAllSeals) != kAllSeals) {
    return fail_os("memfd lacks seals " + hex(static_cast<uint64_t>(kAllSeals & ~seals)), EPERM);
  }
  struct stat status;
  // A direct system call: glibc turns fstat() into newfstatat, which takes a path and is forbidden
  // in the jail.
  if (syscall(SYS_fstat, fd, &status) != 0) return fail_os("fstat of a memfd", errno);
  return static_cast<uint64_t>(status.st_size);
}

}  // namespace cordon
