// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// sock_*: a guest has no network. The only socket it can have is an inherited standard stream,
// which it uses by fd_read and fd_write.
#include "core/wasi/calls.h"

namespace cordon::wasi::calls {
namespace {

Errno refuse(const FdEntry& fd) {
  return fd.type == FileType::socket_stream ? Errno::notsup : Errno::notsock;
}

}  // namespace

Errno sock_accept(Call&, FdEntry& fd, Flags<fdflag::kAll>, Out<uint32_t>) { return refuse(fd); }

Errno sock_recv(Call&, FdEntry& fd, Iovecs&, uint32_t, Out<uint32_t>, Out<uint16_t>) {
  return refuse(fd);
}

Errno sock_send(Call&, FdEntry& fd, Iovecs&, uint32_t, Out<uint32_t>) { return refuse(fd); }

Errno sock_shutdown(Call&, FdEntry& fd, uint32_t) { return refuse(fd); }

}  // namespace cordon::wasi::calls
