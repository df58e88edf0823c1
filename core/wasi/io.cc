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

bool waits(const FdEntry& fd) { return (fd.flags & fdflag::kNonblock) == 0; }

// Whether `fd` is ready; waits for that if `timeout` is null.
bool ready(const FdEntry& fd, short events, const timespec* timeout) {
  pollfd poll{fd.host, events, 0};
  return ppoll(&poll, 1, timeout, nullptr) > 0;
}

// A standard stream may be non-blocking because of its other users, without the guest's knowledge.
template <class Transfer>
ssize_t retried(const FdEntry& fd, short events, Transfer transfer) {
  for (;;) {
    ssize_t result = transfer();
    if (result >= 0) return result;
    if (errno == EAGAIN && fd.is_stdio() && waits(fd)) {
      ready(fd, events, nullptr);
    } else if (errno != EINTR) {
      return result;
    }
  }
}

Errno put_count(ssize_t result, Out<uint32_t> done) {
  if (result < 0) return from_result(-1);
  done.set(static_cast<uint32_t>(result));  // Linux moves less than 2 GiB at a time
  return Errno::success;
}

bool would_block(const FdEntry& fd, short events) {
  constexpr timespec kNone{};
  return fd.is_stdio() && !waits(fd) && !ready(fd, events, &kNone);
}

// At most `room` bytes of the buffers.
Iovecs shortened(Iovecs iovecs, uint64_t room) {
  size_t used = 0;
  for (; used < iovecs.size() && room > 0; ++used) {
    iovecs[used].iov_len = std::min<uint64_t>(iovecs[used].iov_len, room);
    room -= iovecs[used].iov_len;
  }
  return iovecs.first(used);
}

// [L1] Up to its limit the guest writes as if there were none; the first byte beyond ends the run.
bool may_write(Call& call, Iovecs iovecs) {
  const bool wants = std::ranges::any_of(iovecs, [](const iovec& v) { return v.iov_len > 0; });
  if (!wants || call.wasi.output_left() > 0) return true;
  call.trap = Trap::output_limit;
  return false;
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
  return put_count(
      retried(fd, POLLIN, [&] { return readv(fd.host, iovecs.data(), count(iovecs)); }), done);
}

Errno fd_pread(Call&, FdEntry& fd, Iovecs& iovecs, uint64_t offset, Out<uint32_t> done) {
  auto at = static_cast<off_t>(offset);
  return put_count(
      retried(fd, POLLIN, [&] { return preadv(fd.host, iovecs.data(), count(iovecs), at); }), done);
}

Errno fd_write(Call& call, FdEntry& fd, Iovecs& iovecs, Out<uint32_t> done) {
  if (would_block(fd, POLLOUT)) return Errno::again;
  if (!may_write(call, iovecs)) return Errno::success;
  uint64_t room = call.wasi.output_left();
  // As much as a pipe that is ready is guaranteed to take without blocking.
  if (fd.is_stdio() && !waits(fd)) room = std::min<uint64_t>(room, PIPE_BUF);
  Iovecs list = shortened(iovecs, room);
  ssize_t result = retried(fd, POLLOUT, [&] { return writev(fd.host, list.data(), count(list)); });
  if (result >= 0) {
    call.wasi.spend_output(static_cast<uint64_t>(result));
    if (Errno e = sync_written(fd); e != Errno::success) return e;
  }
  return put_count(result, done);
}

Errno fd_pwrite(Call& call, FdEntry& fd, Iovecs& iovecs, uint64_t offset, Out<uint32_t> done) {
  auto at = static_cast<off_t>(offset);
  if (!may_write(call, iovecs)) return Errno::success;
  Iovecs list = shortened(iovecs, call.wasi.output_left());
  ssize_t result =
      retried(fd, POLLOUT, [&] { return pwritev(fd.host, list.data(), count(list), at); });
  if (result >= 0) {
    call.wasi.spend_output(static_cast<uint64_t>(result));
    if (Errno e = sync_written(fd); e != Errno::success) return e;
  }
  return put_count(result, done);
}

}  // namespace cordon::wasi::calls
