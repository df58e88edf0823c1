// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A worker that speaks to the supervisor as it should not ([P1]).
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cstring>
#include <vector>

#include "sandbox/protocol/descriptors.h"
#include "tests/escape/attack.h"
#include "tests/escape/raw_syscall.h"

namespace cordon::escape {
namespace {

using protocol::Channel;

// The supervisor ends the run at the first bad message; until then there is nothing to do but to
// wait.
std::string wait_for_the_end(Channel& channel) {
  while (channel.receive()) {
  }
  return "the supervisor hung up and left this process alive";
}

std::string send_raw(Channel& channel, ByteSpan bytes) {
  (void)!write(channel.fd(), bytes.data(), bytes.size());
  return wait_for_the_end(channel);
}

long send_message(Channel& channel, const msghdr& header) {
  return raw(SYS_sendmsg, static_cast<uint64_t>(channel.fd()), address(&header), MSG_NOSIGNAL);
}

constexpr char header_byte = 0;

std::string ask(protocol::Descriptor what) {
  return returned(raw(SYS_pidfd_getfd, static_cast<uint64_t>(what), 0, 0));
}

template <class Message>
std::vector<uint8_t> bytes_of(const Message& message) {
  auto bytes = protocol::encode(message);
  return bytes ? *bytes : std::vector<uint8_t>();
}

std::string send_fds(Channel& channel, size_t count, int fd) {
  std::vector<uint8_t> bytes = bytes_of(protocol::DirectorySync{.dir = 0});
  iovec part{bytes.data(), bytes.size()};
  std::vector<char> control(CMSG_SPACE(count * sizeof(int)));
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  cmsghdr* rights = CMSG_FIRSTHDR(&header);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(count * sizeof(int));
  std::vector<int> fds(count, fd);
  std::memcpy(CMSG_DATA(rights), fds.data(), count * sizeof(int));
  send_message(channel, header);
  return wait_for_the_end(channel);
}

}  // namespace

std::string send_one_fd(Channel& channel) { return send_fds(channel, 1, STDIN_FILENO); }
std::string send_two_fds(Channel& channel) { return send_fds(channel, 2, STDIN_FILENO); }
std::string send_253_fds(Channel& channel) { return send_fds(channel, 253, STDIN_FILENO); }
std::string send_a_socket(Channel& channel) { return send_fds(channel, 1, channel.fd()); }
std::string send_the_channel_itself(Channel& channel) { return send_fds(channel, 3, channel.fd()); }

std::string unknown_message(Channel& channel) {
  const uint8_t bytes[] = {255, 1, 2, 3};
  return send_raw(channel, bytes);
}
std::string message_of_the_supervisor(Channel& channel) {
  return send_raw(channel, bytes_of(protocol::StatusReply{}));
}
// One is enough to be thrown out; which of them is left to chance by the address layout.
std::string every_truncation(Channel& channel) {
  std::vector<uint8_t> bytes = bytes_of(protocol::PathStat{0, "file", true});
  size_t size = 1 + (address(&bytes) >> 4) % (bytes.size() - 1);
  return send_raw(channel, ByteSpan(bytes).first(size));
}
std::string trailing_bytes(Channel& channel) {
  std::vector<uint8_t> bytes = bytes_of(protocol::PathStat{0, "file", true});
  bytes.push_back(0);
  return send_raw(channel, bytes);
}
std::string oversized_message(Channel& channel) {
  std::vector<uint8_t> bytes(180'000, 'x');
  bytes[0] = static_cast<uint8_t>(protocol::MessageId::Output);
  return send_raw(channel, bytes);
}
std::string output_that_was_not_asked_for(Channel& channel) {
  return send_raw(channel, bytes_of(protocol::Output{.text = "\x1b]0;title\a"}));
}
std::string forged_verdict_fields(Channel& channel) {
  std::vector<uint8_t> bytes = bytes_of(protocol::Verdict{});
  bytes[1] = 0x7f;
  return send_raw(channel, bytes);
}
std::string requests_without_reading_replies(Channel& channel) {
  std::vector<uint8_t> bytes = bytes_of(protocol::PathStat{0, ".", true});
  while (write(channel.fd(), bytes.data(), bytes.size()) > 0) {
  }
  for (;;) asm volatile("");
}
std::string close_channel_and_go_on(Channel& channel) {
  raw(SYS_close, static_cast<uint64_t>(channel.fd()));
  for (;;) asm volatile("");
}
std::string shut_channel_down(Channel& channel) {
  raw(SYS_shutdown, static_cast<uint64_t>(channel.fd()), SHUT_RDWR);
  for (;;) asm volatile("");
}
std::string credentials_as_control_data(Channel& channel) {
  std::vector<uint8_t> bytes = bytes_of(protocol::DirectorySync{.dir = 0});
  iovec part{bytes.data(), bytes.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(ucred))] = {};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  cmsghdr* credentials = CMSG_FIRSTHDR(&header);
  credentials->cmsg_level = SOL_SOCKET;
  credentials->cmsg_type = SCM_CREDENTIALS;
  credentials->cmsg_len = CMSG_LEN(sizeof(ucred));  // all zero: process 0, root
  // The kernel lets no process become root.
  long sent = send_message(channel, header);
  return (sent < 0 ? "powerless, " : "forged, ") + returned(sent);
}
std::string claim_that_the_jail_failed(Channel& channel) {
  return send_raw(channel, bytes_of(protocol::JailFailed{.step = "landlock", .error = 1}));
}
std::string claim_another_jail(Channel& channel) {
  return send_raw(channel, bytes_of(protocol::JailComplete{.withheld = 0x7f}));
}
std::string exit_without_verdict([[maybe_unused]] Channel& channel) { _exit(0); }
std::string empty_message(Channel& channel) {
  raw(SYS_sendto, static_cast<uint64_t>(channel.fd()), 0, 0, MSG_NOSIGNAL, 0, 0);
  for (;;) asm volatile("");
}

std::string receive_with_control_data(Channel& channel) {
  msghdr header{};
  return returned(raw(SYS_recvmsg, static_cast<uint64_t>(channel.fd()), address(&header), 0));
}
std::string send_to_an_address(Channel& channel) {
  sockaddr_un name{AF_UNIX, "x"};
  return returned(raw(SYS_sendto, static_cast<uint64_t>(channel.fd()), address(&header_byte), 1,
                      MSG_NOSIGNAL, address(&name), sizeof name));
}
// A message, each time damaged in another way by the address layout's chance.
std::string damaged_messages(Channel& channel) {
  uint64_t random = address(&channel) * 0x9e3779b97f4a7c15;
  for (int round = 0; round < 1000; ++round) {
    std::vector<uint8_t> bytes = bytes_of(protocol::PathStat{0, "file", true});
    for (int edits = 0; edits < 3; ++edits) {
      random = random * 6364136223846793005 + 1442695040888963407;
      bytes[(random >> 33) % bytes.size()] ^= static_cast<uint8_t>(1 << (random >> 61));
    }
    (void)!write(channel.fd(), bytes.data(), bytes.size());
    // An honest form is answered.
    pollfd wait{channel.fd(), POLLIN, 0};
    timespec time{0, 1'000'000};
    if (raw(SYS_ppoll, address(&wait), 1, address(&time), 0, 0) > 0 && !channel.receive()) break;
  }
  return "a thousand damaged messages were taken for good ones";
}

// Descriptors, [J4].
std::string ask_for_no_kind([[maybe_unused]] Channel& channel) {
  return returned(raw(SYS_pidfd_getfd, 99, 0, 0));
}
std::string ask_with_flags([[maybe_unused]] Channel& channel) {
  return returned(raw(SYS_pidfd_getfd, 0, 0, 1));
}
std::string ask_for_the_module_again([[maybe_unused]] Channel& channel) {
  return ask(protocol::Descriptor::Module);
}
std::string ask_for_code([[maybe_unused]] Channel& channel) {
  return ask(protocol::Descriptor::Code);
}
std::string ask_for_room_for_code([[maybe_unused]] Channel& channel) {
  return ask(protocol::Descriptor::CodeRoom);
}
std::string ask_for_a_file([[maybe_unused]] Channel& channel) {
  return ask(protocol::Descriptor::File);
}
std::string ask_for_the_streams([[maybe_unused]] Channel& channel) {
  return ask(protocol::Descriptor::Streams);
}

}  // namespace cordon::escape
