// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/base/os/sealed_file.h"

#include <fcntl.h>
#include <sys/uio.h>

#include <cerrno>
#include <string>

#include "core/base/os/memfd.h"

namespace cordon {
namespace {

Result<uint64_t> size_within(int fd, uint64_t max_size) {
  const uint64_t size = TRY(size_of_sealed(fd));  // [W1]
  if (size > max_size) {
    return fail(
        diag::too_large, kNoOffset,
        std::to_string(size) + " bytes in a sealed file, limit " + std::to_string(max_size));
  }
  return size;
}

}  // namespace

Result<SealedFile> SealedFile::of_bytes(ByteSpan bytes, const char* name) {
  Fd file = TRY(sealed_copy_of_bytes(bytes, name));
  // Without /proc the descriptor stays writable; the seals hold all the same.
  if (Result<Fd> again = reopen_read_only(file.get())) file = std::move(*again);
  return adopt(std::move(file), bytes.size());
}

Result<SealedFile> SealedFile::adopt(Fd fd, uint64_t max_size) {
  const uint64_t size = TRY(size_within(fd.get(), max_size));
  Mapping mapping = TRY(Mapping::read_only_file(fd.get(), size));
  return SealedFile(std::move(fd), std::move(mapping));
}

Result<SealedFile> SealedFile::adopt_copy(Fd fd, uint64_t max_size) {
  const uint64_t size = TRY(size_within(fd.get(), max_size));
  Mapping copy;
  if (size > 0) copy = TRY(Mapping::anonymous(size));
  for (uint64_t done = 0; done < size;) {
    iovec part{copy.base() + done, size - done};
    const ssize_t got = preadv(fd.get(), &part, 1, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return fail_os("read of a sealed file", got < 0 ? errno : EIO);
    done += static_cast<uint64_t>(got);
  }
  return SealedFile(std::move(fd), std::move(copy));
}

Result<Fd> reopen_read_only(int fd) {
  std::string path = "/proc/self/fd/" + std::to_string(fd);
  Fd again(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!again.valid()) return fail_os("open " + path, errno);
  return again;
}

}  // namespace cordon
