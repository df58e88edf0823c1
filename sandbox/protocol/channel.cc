// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/protocol/channel.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace cordon::protocol {
namespace {

// CMSG_SPACE rounds up: with that much room the kernel would insert two descriptors.
constexpr size_t kRoomForOne = CMSG_LEN(sizeof(int));

struct alignas(cmsghdr) ControlBuffer {
  char bytes[CMSG_SPACE(sizeof(int))];
};

msghdr header_of(iovec& part, ControlBuffer& control) {
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.bytes;
  header.msg_controllen = kRoomForOne;
  return header;
}

// The descriptor that the kernel inserted, if any.
Fd take_file(msghdr& header) {
  const cmsghdr* rights = CMSG_FIRSTHDR(&header);
  if (rights == nullptr || rights->cmsg_level != SOL_SOCKET || rights->cmsg_type != SCM_RIGHTS ||
      rights->cmsg_len != kRoomForOne) {
    return Fd();
  }
  int file;
  std::memcpy(&file, CMSG_DATA(rights), sizeof file);
  return Fd(file);
}

// The result of `call`, or a negative errno.
template <class Call>
ssize_t until_done(Call call) {
  ssize_t done;
  do {
    done = call();
  } while (done < 0 && errno == EINTR);
  return done < 0 ? -errno : done;
}

// If the peer closed with messages unread, the first try fails with ECONNRESET, before what the
// peer still sent is delivered.
template <class Call>
ssize_t until_received(Call call) {
  const ssize_t got = until_done(call);
  return got == -ECONNRESET ? until_done(call) : got;
}

Result<void> judge_sent(ssize_t sent, const char* call) {
  if (sent == -EPIPE || sent == -ECONNRESET) return fail(diag::peer_closed);
  if (sent < 0) return fail_os(call, static_cast<int>(-sent));
  return {};
}

}  // namespace

// One byte more than the largest message, so that a message that is too large is noticed.
Channel::Channel(Fd socket, Direction incoming)
    : socket_(std::move(socket)), incoming_(incoming), buffer_(kMaxMessage + 1) {}

Result<std::pair<Fd, Fd>> Channel::make_pair() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return fail_os("socketpair", errno);
  }
  return std::pair{Fd(ends[0]), Fd(ends[1])};
}

Result<bool> Channel::all_received() const {
  int unread = 0;
  if (ioctl(socket_.get(), SIOCOUTQ, &unread) != 0) return fail_os("ioctl SIOCOUTQ", errno);
  return unread == 0;
}

Result<void> Channel::send_bytes(ByteSpan bytes, Wait wait) {
  const int flags = MSG_NOSIGNAL | (wait == Wait::DoNotWait ? MSG_DONTWAIT : 0);
  return judge_sent(
      until_done([&] { return ::send(socket_.get(), bytes.data(), bytes.size(), flags); }), "send");
}

Result<void> Channel::send_bytes_with_file(ByteSpan bytes, int file) {
  iovec part{const_cast<uint8_t*>(bytes.data()), bytes.size()};
  ControlBuffer control{};
  msghdr header = header_of(part, control);
  cmsghdr* rights = CMSG_FIRSTHDR(&header);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = kRoomForOne;
  std::memcpy(CMSG_DATA(rights), &file, sizeof file);
  return judge_sent(
      until_done([&] { return sendmsg(socket_.get(), &header, MSG_NOSIGNAL | MSG_DONTWAIT); }),
      "sendmsg");
}

// [J4] recv() has no room for control data: the kernel drops descriptors that a peer sends
// nonetheless.
Result<Received> Channel::receive(Wait wait) {
  const int flags = wait == Wait::DoNotWait ? MSG_DONTWAIT : 0;
  return judge(
      until_received([&] { return recv(socket_.get(), buffer_.data(), buffer_.size(), flags); }));
}

Result<Received> Channel::receive_with_file() {
  iovec part{buffer_.data(), buffer_.size()};
  ControlBuffer control{};
  msghdr header = header_of(part, control);
  const ssize_t got =
      until_received([&] { return recvmsg(socket_.get(), &header, MSG_CMSG_CLOEXEC); });
  Fd file = got < 0 ? Fd() : take_file(header);  // ours, whatever else came
  Received received = TRY(judge(got));
  received.file_lost = (header.msg_flags & MSG_CTRUNC) != 0;
  if (received.file_lost && file.valid()) {
    return fail(diag::malformed_message, kNoOffset, "more than one descriptor");  // [P1]
  }
  received.file = std::move(file);
  return received;
}

// `got`: how many bytes are in the buffer, or a negative errno.
Result<Received> Channel::judge(ssize_t got) {
  if (got == 0 || got == -ECONNRESET) return fail(diag::peer_closed);
  if (got < 0) return fail_os("recv", static_cast<int>(-got));
  if (static_cast<size_t>(got) > kMaxMessage) {
    return fail(diag::malformed_message, kNoOffset, "too large");  // [P1]
  }
  Received received;
  received.bytes = ByteSpan(buffer_.data(), static_cast<size_t>(got));
  received.id = TRY(identify(received.bytes, incoming_));
  return received;
}

}  // namespace cordon::protocol
