// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/path_broker/server.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace cordon::path_broker {

using protocol::Channel;
using protocol::MessageId;
using protocol::Received;

Server::~Server() { (void)close(hand_over_); }

Result<void> Server::serve() {
  for (;;) {
    Result<void> served = serve_one();
    if (served) continue;
    if (served.error().kind == &protocol::diag::peer_closed) return {};
    return served;
  }
}

Result<void> Server::serve_one() {
  const Received request = TRY(guest_.receive());
  if (replied_) TRY_VOID(check_last_reply());
  if (handed_over_) TRY_VOID(hand_over(guest_.fd()));
  handed_over_ = false;
  return handle(request);
}

// [P1] One outstanding request, and so one reply ([K1]: with its file).
Result<void> Server::check_last_reply() {
  replied_ = false;
  if (TRY(guest_.all_received())) return {};
  return fail(protocol::diag::malformed_message, kNoOffset, "a request before the last reply");
}

Result<void> Server::hand_over(int fd) {
  if (dup3(fd, hand_over_, O_CLOEXEC) < 0) return fail_os("dup3", errno);
  return {};
}

template <class Reply>
Result<void> Server::send(const Reply& reply) {
  return note(guest_.send(reply, Channel::Wait::DoNotWait));
}

Result<void> Server::note(Result<void> sent) {
  replied_ = true;
  if (!sent && sent.error().os_error == EAGAIN) {
    return fail(protocol::diag::malformed_message, kNoOffset, "does not read its replies");
  }
  return sent;
}

Result<void> Server::open(const Received& received) {
  const auto request = TRY(received.as<protocol::PathOpen>());
  Fd file;
  const protocol::OpenReply reply = service_.open(request, file);
  if (!file.valid()) return send(reply);
  Result<void> sent = guest_.send_with_file(reply, file.get());  // [J4]
  if (sent || sent.error().os_error != ETOOMANYREFS) return note(std::move(sent));
  TRY_VOID(hand_over(file.get()));  // [K1]
  handed_over_ = true;
  return send(reply);
}

template <class Request, class Reply>
Result<void> Server::answer(const Received& received,
                            Reply (PathService::*method)(const Request&) const) {
  const auto request = TRY(received.as<Request>());
  if constexpr (std::same_as<Reply, int>) {
    return send(protocol::StatusReply{static_cast<uint32_t>((service_.*method)(request))});
  } else {
    return send((service_.*method)(request));
  }
}

Result<void> Server::handle(const Received& message) {
  switch (message.id) {
    case MessageId::PathOpen: return open(message);
    case MessageId::PathStat: return answer(message, &PathService::stat);
    case MessageId::PathSetTimes: return answer(message, &PathService::set_times);
    case MessageId::FileSetTimes: return answer(message, &PathService::set_file_times);
    case MessageId::PathCreateDirectory: return answer(message, &PathService::create_directory);
    case MessageId::PathRemoveDirectory: return answer(message, &PathService::remove_directory);
    case MessageId::PathUnlinkFile: return answer(message, &PathService::unlink_file);
    case MessageId::PathRename: return answer(message, &PathService::rename);
    case MessageId::PathLink: return answer(message, &PathService::link);
    case MessageId::PathSymlink: return answer(message, &PathService::symlink);
    case MessageId::PathReadlink: return answer(message, &PathService::readlink);
    case MessageId::DirectoryStat: return answer(message, &PathService::stat_directory);
    case MessageId::DirectoryRead: return answer(message, &PathService::read_directory);
    case MessageId::DirectorySync: return answer(message, &PathService::sync_directory);
    case MessageId::Release: service_.release(TRY(message.as<protocol::Release>())); return {};
    default:
      return fail(protocol::diag::malformed_message, kNoOffset,
                  std::string(protocol::row_of(message.id).name) + " is no request");  // [P1]
  }
}

}  // namespace cordon::path_broker
