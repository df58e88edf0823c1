// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/session.h"

#include <poll.h>

#include <cerrno>
#include <iterator>

#include "core/base/monotonic.h"
#include "sandbox/supervisor/compilation.h"

namespace cordon::supervisor {
namespace {

using protocol::Action;
using protocol::Channel;
using protocol::MessageId;
using protocol::Received;

// A worker that closed its end has this long to be gone.
constexpr std::chrono::seconds kLastWords{1};

Failure unasked(const Received& message) {
  return fail(protocol::diag::malformed_message, kNoOffset,
              std::string(protocol::row_of(message.id).name) + " was not asked for");
}

}  // namespace

Result<SessionEnd> Session::serve(int pidfd, const Deadline& deadline) {
  std::optional<Deadline> last_words;
  while (!over()) {
    // A descriptor of -1 is passed over by ppoll.
    pollfd waits[] = {{pidfd, POLLIN, 0},
                      {peer_closed_ ? -1 : channel_.fd(), POLLIN, 0},
                      {compilation_ != nullptr ? compilation_->pidfd() : -1, POLLIN, 0},
                      {compilation_ != nullptr ? compilation_->fd() : -1, POLLIN, 0}};
    const Deadline& wait_for = last_words ? *last_words : deadline;
    timespec left = wait_for.left();
    int ready = ppoll(waits, std::size(waits), &left, nullptr);
    if (ready < 0 && errno != EINTR) return fail_os("ppoll", errno);
    if (deadline.passed()) {
      end_.timed_out = true;  // [L1]
    } else if (last_words && last_words->passed()) {
      end_.violation = "closed its end of the channel and went on";  // [P1]
    } else if (ready > 0 && waits[1].revents != 0) {
      handle_next();
      if (peer_closed_) last_words = Deadline(Deadline::Clock::now(), kLastWords);
    } else if (ready > 0 && waits[0].revents != 0) {
      end_.worker_ended = true;
    } else if (ready > 0 && (waits[2].revents != 0 || waits[3].revents != 0)) {
      take_compiled(waits[2].revents != 0, waits[3].revents != 0);
    }
  }
  return std::move(end_);
}

void Session::take_compiled(bool ended, bool has_message) {
  CompileAnswer answer;
  if (has_message) answer = compilation_->take_answer();
  if (answer.code) {
    if (answer.code->last) compilation_ = nullptr;
    end_.compile_ns = answer.code->compile_ns;
    const int fd = answer.code->file.get();
    const protocol::Code piece{answer.code->size, answer.code->last, monotonic_ns()};
    auto sent = channel_.send(piece, {&fd, 1}, Channel::Wait::DoNotWait);
    // A run worker that is gone already shows by its own end.
    if (!sent && sent.error().kind != &protocol::diag::peer_closed) {
      end_.violation = "does not take its code";
    }
  } else {
    take_failure(answer, ended, end_);
  }
}

void Session::handle_next() {
  Result<Received> received = channel_.receive(Channel::Wait::DoNotWait);
  Result<void> handled;
  if (received) {
    handled = handle(*received);
  } else {
    handled = Failure(received.error());
  }
  if (handled) return;
  const Diagnostic& error = handled.error();
  if (error.kind == &protocol::diag::peer_closed) {
    peer_closed_ = true;
  } else if (error.os_error == EAGAIN) {
    // From receive: nothing there after all. From send: it asks without reading what it is answered
    // [P1].
    if (received) end_.violation = "does not read its replies";
  } else {
    end_.violation = error.message();  // [P1]
  }
}

Result<void> Session::handle(const Received& message) {
  if (message.id == MessageId::Output) return take_output(message);
  if (message.id == MessageId::Verdict) return take_verdict(message);
  // Only a running guest has files.
  if (request_.action != Action::Run) return unasked(message);  // [P1]
  return handle_path(message);
}

Result<void> Session::take_output(const Received& message) {
  bool asked = request_.action == Action::Inspect ||
               (request_.action == Action::Run && !request_.invoke.empty());
  if (!asked) return unasked(message);  // [P1]
  protocol::Output output = TRY(message.as<protocol::Output>());
  if (end_.output.size() + output.text.size() > kMaxOutput) {  // [L1]
    return fail(protocol::diag::message_too_large, kNoOffset,
                "more output than " + std::to_string(kMaxOutput) + " bytes");
  }
  end_.output += output.text;
  return {};
}

Result<void> Session::take_verdict(const Received& message) {
  end_.verdict = TRY(message.as<protocol::Verdict>());
  return {};
}

Result<void> Session::open(const Received& message) {
  auto request = TRY(message.as<protocol::PathOpen>());
  Fd file;
  protocol::OpenReply reply = paths_.open(request, file);
  int fd = file.get();
  std::span<const int> fds;
  if (file.valid()) fds = {&fd, 1};
  return channel_.send(reply, fds, Channel::Wait::DoNotWait);
}

template <class Reply, class Request>
Result<void> Session::answer(const Received& message,
                             Reply (PathService::*method)(const Request&)) {
  auto request = TRY(message.as<Request>());
  if constexpr (std::same_as<Reply, int>) {
    protocol::StatusReply reply{.error = static_cast<uint32_t>((paths_.*method)(request))};
    return channel_.send(reply, {}, Channel::Wait::DoNotWait);
  } else {
    return channel_.send((paths_.*method)(request), {}, Channel::Wait::DoNotWait);
  }
}

Result<void> Session::handle_path(const Received& message) {
  switch (message.id) {
    case MessageId::PathOpen: return open(message);
    case MessageId::PathStat: return answer(message, &PathService::stat);
    case MessageId::PathSetTimes: return answer(message, &PathService::set_times);
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
    case MessageId::DirectoryClose: return answer(message, &PathService::close_directory);
    default: return unasked(message);  // [P1]
  }
}

}  // namespace cordon::supervisor
