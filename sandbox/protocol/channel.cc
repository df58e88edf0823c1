// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/protocol/channel.h"

#include <sys/socket.h>

#include <cerrno>

namespace cordon::protocol {

// A byte more than a message can have shows that one was too large: the kernel cuts it.
Channel::Channel(Fd socket, Direction incoming)
    : socket_(std::move(socket)), incoming_(incoming), buffer_(kMaxMessage + 1) {}

Result<std::pair<Fd, Fd>> Channel::make_pair() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return fail_os("socketpair", errno);
  }
  return std::pair{Fd(ends[0]), Fd(ends[1])};
}

bool Channel::has_message() const {
  char first;
  return recv(socket_.get(), &first, sizeof first, MSG_PEEK | MSG_DONTWAIT) > 0;
}

Result<void> Channel::send_bytes(ByteSpan bytes, Wait wait) {
  int flags = MSG_NOSIGNAL | (wait == Wait::DoNotWait ? MSG_DONTWAIT : 0);
  ssize_t sent;
  do {
    sent = ::send(socket_.get(), bytes.data(), bytes.size(), flags);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0 && (errno == EPIPE || errno == ECONNRESET)) return fail(diag::peer_closed);
  if (sent < 0) return fail_os("send", errno);
  return {};
}

// [J4] recv() has no room for control data: descriptors that a peer sends all the same are dropped
// by the kernel.
Result<Received> Channel::receive(Wait wait) {
  const int flags = wait == Wait::DoNotWait ? MSG_DONTWAIT : 0;
  ssize_t got;
  bool reset = false;
  do {
    got = recv(socket_.get(), buffer_.data(), buffer_.size(), flags);
    // If the peer closed with messages unread, recv fails once with ECONNRESET before it delivers
    // what the peer still sent.
  } while (got < 0 && (errno == EINTR || (errno == ECONNRESET && !std::exchange(reset, true))));
  if (got < 0 && errno == ECONNRESET) return fail(diag::peer_closed);
  if (got < 0) return fail_os("recv", errno);
  if (got == 0) return fail(diag::peer_closed);
  if (static_cast<size_t>(got) > kMaxMessage) {
    return fail(diag::malformed_message, kNoOffset, "too large");  // [P1]
  }
  Received received;
  received.bytes = ByteSpan(buffer_.data(), static_cast<size_t>(got));
  received.id = TRY(identify(received.bytes, incoming_));
  return received;
}

}  // namespace cordon::protocol
