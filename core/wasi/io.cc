// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// fd_read, fd_write and their positioned twins: one system call each, straight into guest memory.
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "core/wasi/calls.h"

namespace cordon::wasi::calls {
namespace {

template <class Transfer>
ssize_t retried(Transfer transfer) {
  ssize_t result;
  do {
    result = transfer();
  } while (result < 0 && errno == EINTR);
  return result;
}

Errno put_count(ssize_t result, Out<uint32_t> done) {
  if (result < 0) return from_result(-1);
  done.set(static_cast<uint32_t>(result));  // Linux moves less than 2 GiB at a time
  return Errno::success;
}

bool would_block(const FdEntry& fd, short events) {
  if ((fd.flags & fdflag::kNonblock) == 0 || !fd.is_stdio()) return false;
  pollfd poll{fd.host, events, 0};
  timespec none{};
  return ppoll(&poll, 1, &none, nullptr) == 0;
}

// At most PIPE_BUF bytes: as much as a pipe that is ready is sure to take without waiting.
Iovecs shortened(Iovecs iovecs) {
  size_t room = PIPE_BUF;
  size_t used = 0;
  for (; used < iovecs.size() && room > 0; ++used) {
    iovecs[used].iov_len = std::min(iovecs[used].iov_len, room);
    room -= iovecs[used].iov_len;
  }
  return iovecs.first(used);
}

int count(Iovecs iovecs) { return static_cast<int>(iovecs.size()); }

// kDsync, kSync and kRsync, which the guest may set at any time.
Errno sync_written(const FdEntry& fd) {
  if ((fd.flags & (fdflag::kSync | fdflag::kRsync)) != 0) return from_result(fsync(fd.host));
  if ((fd.flags & fdflag::kDsync) != 0) return from_result(fdatasync(fd.host));
  return Errno::success;
}

}  // namespace

Errno fd_read(Call&, FdEntry& fd, Iovecs& iovecs, Out<uint32_t> done) {
  if (would_block(fd, POLLIN)) return Errno::again;
  return put_count(retried([&] { return readv(fd.host, iovecs.data(), count(iovecs)); }), done);
}

Errno fd_pread(Call&, FdEntry& fd, Iovecs& iovecs, uint64_t offset, Out<uint32_t> done) {
  auto at = static_cast<off_t>(offset);
  return put_count(retried([&] { return preadv(fd.host, iovecs.data(), count(iovecs), at); }),
                   done);
}

Errno fd_write(Call&, FdEntry& fd, Iovecs& iovecs, Out<uint32_t> done) {
  if (would_block(fd, POLLOUT)) return Errno::again;
  bool waits = (fd.flags & fdflag::kNonblock) == 0 || !fd.is_stdio();
  Iovecs list = waits ? iovecs : shortened(iovecs);
  ssize_t result = retried([&] { return writev(fd.host, list.data(), count(list)); });
  if (result >= 0) {
    if (Errno e = sync_written(fd); e != Errno::success) return e;
  }
  return put_count(result, done);
}

Errno fd_pwrite(Call&, FdEntry& fd, Iovecs& iovecs, uint64_t offset, Out<uint32_t> done) {
  auto at = static_cast<off_t>(offset);
  ssize_t result = retried([&] { return pwritev(fd.host, iovecs.data(), count(iovecs), at); });
  if (result >= 0) {
    if (Errno e = sync_written(fd); e != Errno::success) return e;
  }
  return put_count(result, done);
}

}  // namespace cordon::wasi::calls
