// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A run worker that misuses the path broker ([P1] [F1]). Each attack first requests the channel,
// which is available only after the guest filter ([J4]).
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <random>
#include <vector>

#include "sandbox/jail/steps.h"
#include "sandbox/worker/ask.h"
#include "tests/escape/attack.h"
#include "tests/escape/raw_syscall.h"

namespace cordon::escape {
namespace {

using protocol::Channel;

Channel paths() {
  auto fd = worker::ask_for(protocol::Descriptor::Paths);
  if (!fd) _exit(1);
  return Channel(std::move(*fd), protocol::Direction::FromBroker);
}

template <class Message>
std::vector<uint8_t> bytes_of(const Message& message) {
  auto bytes = protocol::encode(message);
  return bytes ? *bytes : std::vector<uint8_t>();
}

// The broker hangs up at the first bad message, and the supervisor ends the run.
std::string send_raw(ByteSpan bytes) {
  Channel channel = paths();
  (void)!write(channel.fd(), bytes.data(), bytes.size());
  while (channel.receive_with_file()) {
  }
  for (;;) asm volatile("");
}

template <class Reply, class Request>
std::optional<Reply> ask(Channel& channel, const Request& request) {
  if (!channel.send(request)) return std::nullopt;
  auto received = channel.receive_with_file();
  if (!received) return std::nullopt;
  auto reply = received->template as<Reply>();
  if (!reply) return std::nullopt;
  return *reply;
}

protocol::PathOpen reading(std::string path) {
  return {.dir = 0, .path = std::move(path), .follow = true, .read = true};
}

std::string take_file() {
  return returned(raw(SYS_pidfd_getfd, static_cast<uint64_t>(protocol::Descriptor::File), 0, 0));
}

// Each must be refused with this errno.
std::string all_refused(std::initializer_list<protocol::PathOpen> requests) {
  Channel channel = paths();
  for (const auto& request : requests) {
    auto reply = ask<protocol::OpenReply>(channel, request);
    if (!reply) return "no reply";
    if (reply->error == 0) return "opened " + request.path;
  }
  return "powerless";
}

}  // namespace

std::string path_every_truncation(Channel&) {
  std::vector<uint8_t> bytes = bytes_of(protocol::PathStat{0, "file", true});
  size_t size = 1 + (address(&bytes) >> 4) % (bytes.size() - 1);
  return send_raw(ByteSpan(bytes).first(size));
}
std::string path_trailing_bytes(Channel&) {
  std::vector<uint8_t> bytes = bytes_of(protocol::PathStat{0, "file", true});
  bytes.push_back(0);
  return send_raw(bytes);
}
std::string path_unknown_message(Channel&) {
  const uint8_t bytes[] = {255, 1, 2, 3};
  return send_raw(bytes);
}
std::string path_message_of_the_broker(Channel&) {
  return send_raw(bytes_of(protocol::StatReply{}));
}
std::string path_message_to_the_supervisor(Channel&) {
  return send_raw(bytes_of(protocol::Verdict{}));
}
std::string path_oversized_message(Channel&) {
  std::vector<uint8_t> bytes(180'000, 'x');
  bytes[0] = static_cast<uint8_t>(protocol::MessageId::PathStat);
  return send_raw(bytes);
}
std::string path_damaged_requests(Channel&) {
  Channel channel = paths();
  std::mt19937_64 random(address(&channel));
  const std::vector<uint8_t> honest[] = {
      bytes_of(reading("file")), bytes_of(protocol::PathRename{.from = "a", .to = "b"}),
      bytes_of(protocol::DirectoryRead{}), bytes_of(protocol::PathSymlink{"x", 0, "y"})};
  for (;;) {
    std::vector<uint8_t> bytes = honest[random() % std::size(honest)];
    bytes[random() % bytes.size()] ^= static_cast<uint8_t>(1 << (random() % 8));
    if (write(channel.fd(), bytes.data(), bytes.size()) <= 0) break;
    if (bytes[0] != static_cast<uint8_t>(protocol::MessageId::Release) &&
        !channel.receive_with_file())
      break;
  }
  for (;;) asm volatile("");
}
std::string path_requests_without_reading_replies(Channel&) {
  Channel channel = paths();
  std::vector<uint8_t> bytes = bytes_of(protocol::PathStat{0, ".", true});
  while (write(channel.fd(), bytes.data(), bytes.size()) > 0) {
  }
  for (;;) asm volatile("");
}
std::string path_flood_of_releases(Channel&) {
  Channel channel = paths();
  while (channel.send(protocol::Release{.handles = std::vector<uint32_t>(64, 3)})) {
  }
  return "the flood ended";
}
// Honest in form, so it may go on; the deadline must not suffer from it.
std::string path_flood_of_bad_handles(Channel&) {
  Channel channel = paths();
  for (uint32_t handle = 1; ask<protocol::StatReply>(channel, protocol::DirectoryStat{handle});
       ++handle) {
  }
  return "the flood ended";
}
std::string path_close_channel_and_go_on(Channel&) {
  {
    Channel channel = paths();
  }
  for (;;) asm volatile("");
}
std::string path_channel_twice(Channel&) {
  Channel channel = paths();
  return returned(raw(SYS_pidfd_getfd, static_cast<uint64_t>(protocol::Descriptor::Paths), 0, 0));
}

// [K1] One that is in flight is all that there can be.
std::string path_files_that_are_not_taken(Channel&) {
  Channel channel = paths();
  while (channel.send(reading("file"))) {
  }
  for (;;) asm volatile("");
}
// Each look would be one more descriptor.
std::string path_peek_at_a_file(Channel&) {
  Channel channel = paths();
  (void)channel.send(reading("file"));
  msghdr header{};
  return returned(raw(SYS_recvmsg, static_cast<uint64_t>(channel.fd()), address(&header),
                      MSG_CMSG_CLOEXEC | MSG_PEEK));
}
std::string path_room_for_many_files(Channel&) {
  Channel channel = paths();
  (void)channel.send(reading("file"));
  char bytes[256];
  iovec part{bytes, sizeof bytes};
  alignas(cmsghdr) char control[CMSG_SPACE(253 * sizeof(int))];
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  const long got =
      raw(SYS_recvmsg, static_cast<uint64_t>(channel.fd()), address(&header), MSG_CMSG_CLOEXEC);
  if (got <= 0) return returned(got);
  const cmsghdr* rights = CMSG_FIRSTHDR(&header);
  if (rights == nullptr || rights->cmsg_len != CMSG_LEN(sizeof(int))) return "not one descriptor";
  return CMSG_NXTHDR(&header, const_cast<cmsghdr*>(rights)) == nullptr ? "powerless" : "and more";
}
// [J4] Not to the broker either.
std::string path_send_a_descriptor(Channel&) {
  Channel channel = paths();
  msghdr header{};
  return returned(raw(SYS_sendmsg, static_cast<uint64_t>(channel.fd()), address(&header),
                      MSG_NOSIGNAL | MSG_DONTWAIT));
}
// The one number from which it may receive is no socket until then.
std::string path_receive_before_there_are_paths(Channel&) {
  msghdr header{};
  const long got = raw(SYS_recvmsg, jail::kPathsFd, address(&header), MSG_CMSG_CLOEXEC);
  return got == -EBADF || got == -ENOTSOCK ? "powerless" : returned(got);
}

// [J4] What was sent is not given by the supervisor too, and nothing else that the broker has.
std::string path_file_once_more(Channel&) {
  Channel channel = paths();
  if (!channel.send(reading("file"))) return "not sent";
  auto received = channel.receive_with_file();
  if (!received || !received->file.valid()) return "not opened";
  return take_file();
}
std::string path_file_that_was_not_opened(Channel&) {
  Channel channel = paths();
  (void)ask<protocol::StatReply>(channel, protocol::DirectoryStat{0});
  return take_file();
}
std::string path_file_of_a_directory(Channel&) {
  Channel channel = paths();
  (void)ask<protocol::OpenReply>(channel, reading("."));
  return take_file();
}
std::string path_file_of_a_refused_request(Channel&) {
  Channel channel = paths();
  (void)ask<protocol::OpenReply>(channel, reading("file"));
  (void)ask<protocol::OpenReply>(channel, reading("../file"));
  return take_file();
}

std::string path_escapes(Channel&) {
  return all_refused({reading("../outside"), reading("/etc/passwd"), reading(".."), reading("/"),
                      reading("/proc/self/root/etc/passwd"), reading("./../../etc/passwd")});
}
std::string path_kernel_interfaces(Channel&) {
  return all_refused({reading("/proc/self/mem"), reading("/sys/kernel"), reading("/dev/mem")});
}
std::string path_changes_of_a_read_only_grant(Channel&) {
  Channel channel = paths();
  protocol::PathOpen write = reading("file"), create = reading("new"), cut = reading("file");
  write.write = true;
  create.create = true;
  cut.truncate = true;
  for (const auto& request : {write, create, cut}) {
    auto reply = ask<protocol::OpenReply>(channel, request);
    if (!reply || reply->error != EROFS) return "changed by open";
  }
  auto refused = [&](const auto& request) {
    auto reply = ask<protocol::StatusReply>(channel, request);
    return reply && reply->error == EROFS;
  };
  if (!refused(protocol::PathUnlinkFile{0, "file"})) return "unlinked";
  if (!refused(protocol::PathRename{0, "file", 0, "x"})) return "renamed";
  if (!refused(protocol::PathCreateDirectory{0, "x"})) return "made a directory";
  if (!refused(protocol::PathSymlink{"x", 0, "y"})) return "linked";
  if (!refused(protocol::PathSetTimes{0, "file", true, 1, 1})) return "set times";
  return "powerless";
}
std::string path_writes_to_a_read_only_file(Channel&) {
  Channel channel = paths();
  if (!channel.send(reading("file"))) return "not sent";
  auto received = channel.receive_with_file();
  if (!received || !received->file.valid()) return "not opened";
  const auto file = static_cast<uint64_t>(received->file.get());
  char text[8] = {};
  if (raw(SYS_write, file, address("x"), 1) != -EBADF) return "wrote";
  if (raw(SYS_ftruncate, file, 0) != -EINVAL) return "cut";
  iovec part{text, sizeof text};
  if (raw(SYS_readv, file, address(&part), 1) != 7) return "unread";
  return "powerless";
}
std::string path_more_handles_than_there_are(Channel&) {
  Channel channel = paths();
  uint32_t opened = 0;
  for (;; ++opened) {
    auto reply = ask<protocol::OpenReply>(channel, reading("."));
    if (!reply) return "no reply";
    if (reply->error == EMFILE) break;
    if (reply->error != 0) return "error " + std::to_string(reply->error);
    if (opened > 100'000) return "no limit";
  }
  if (!ask<protocol::StatReply>(channel, protocol::DirectoryStat{0})) return "no reply after it";
  return opened > 1000 ? "powerless" : "too few: " + std::to_string(opened);
}

}  // namespace cordon::escape
