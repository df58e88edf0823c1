// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/protocol/channel.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "core/base/check.h"

namespace cordon::protocol {
namespace {

constexpr size_t kMostFds = 3;
static_assert(most_fds(Direction::ToWorker) <= kMostFds);
static_assert(most_fds(Direction::ToSupervisor) == 1);  // the code, from the compile worker alone

// CMSG_LEN rounds up and would leave room for one fd more than `count`; see [P1] in receive().
constexpr size_t control_size(size_t count) {
  return count == 0 ? 0 : CMSG_LEN(count * sizeof(int));
}

struct alignas(cmsghdr) ControlBuffer {
  std::array<char, CMSG_SPACE(kMostFds * sizeof(int))> bytes;
};

// Takes ownership of every fd in the control data before anything is judged.
bool collect_fds(msghdr& header, std::vector<Fd>& fds) {
  bool only_rights = true;
  for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) {
      only_rights = false;
      continue;
    }
    size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; ++i) {
      int fd;
      std::memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof fd);
      fds.emplace_back(fd);
    }
  }
  return only_rights;
}

}  // namespace

Channel::Channel(Fd socket, Direction incoming)
    : Channel(std::move(socket), incoming, protocol::most_fds(incoming)) {}

Channel::Channel(Fd socket, Direction incoming, size_t most_fds)
    : socket_(std::move(socket)), incoming_(incoming), most_fds_(most_fds), buffer_(kMaxMessage) {
  CHECK(most_fds <= kMostFds);
}

Result<std::pair<Fd, Fd>> Channel::make_pair() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return fail_os("socketpair", errno);
  }
  return std::pair{Fd(ends[0]), Fd(ends[1])};
}

Result<void> Channel::send_bytes(ByteSpan bytes, std::span<const int> fds, Wait wait) {
  CHECK(fds.size() <= kMostFds);
  iovec part{const_cast<uint8_t*>(bytes.data()), bytes.size()};
  ControlBuffer control{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  if (!fds.empty()) {
    header.msg_control = control.bytes.data();
    header.msg_controllen = CMSG_SPACE(fds.size_bytes());
    cmsghdr* rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(fds.size_bytes());
    std::memcpy(CMSG_DATA(rights), fds.data(), fds.size_bytes());
  }
  int flags = MSG_NOSIGNAL | (wait == Wait::DoNotWait ? MSG_DONTWAIT : 0);
  ssize_t sent;
  do {
    sent = sendmsg(socket_.get(), &header, flags);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0 && (errno == EPIPE || errno == ECONNRESET)) return fail(diag::peer_closed);
  if (sent < 0) return fail_os("sendmsg", errno);
  return {};
}

Result<Received> Channel::receive(Wait wait) {
  iovec part{buffer_.data(), buffer_.size()};
  ControlBuffer control{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.bytes.data();
  // [P1] No more fds than a message can have here ever enter this process: the kernel drops the
  // rest and says so with MSG_CTRUNC.
  header.msg_controllen = control_size(most_fds_);
  int flags = MSG_CMSG_CLOEXEC | (wait == Wait::DoNotWait ? MSG_DONTWAIT : 0);
  ssize_t got;
  bool reset = false;
  do {
    got = recvmsg(socket_.get(), &header, flags);
    // A peer that closes with messages unread is told of once, before its own last words.
  } while (got < 0 && (errno == EINTR || (errno == ECONNRESET && !std::exchange(reset, true))));
  if (got < 0 && errno == ECONNRESET) return fail(diag::peer_closed);
  if (got < 0) return fail_os("recvmsg", errno);

  Received received;
  bool only_rights = collect_fds(header, received.fds);
  if ((header.msg_flags & MSG_CTRUNC) != 0 || !only_rights) {
    return fail(diag::malformed_message, kNoOffset,
                "file descriptors that no message has");  // [P1]
  }
  if ((header.msg_flags & MSG_TRUNC) != 0) {
    return fail(diag::malformed_message, kNoOffset, "too large");  // [P1]
  }
  if (got == 0) return fail(diag::peer_closed);
  received.bytes = ByteSpan(buffer_.data(), static_cast<size_t>(got));
  received.id = TRY(identify(received.bytes, incoming_));
  const MessageRow& row = row_of(received.id);
  if (received.fds.size() < row.min_fds || received.fds.size() > row.max_fds) {
    return fail(diag::malformed_message, kNoOffset,
                std::string(row.name) + " with " + std::to_string(received.fds.size()) +
                    " file descriptors");  // [P1]
  }
  return received;
}

}  // namespace cordon::protocol
