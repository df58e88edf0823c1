// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/session.h"

namespace cordon::supervisor {
namespace {

using protocol::Action;
using protocol::MessageId;
using protocol::Received;

Failure unasked(const Received& message) {
  return fail(protocol::diag::malformed_message, kNoOffset,
              std::string(protocol::row_of(message.id).name) + " was not asked for");
}

}  // namespace

Result<void> Session::handle(const Received& message) {
  if (verdict_) return unasked(message);  // [V1] its last word
  if (message.id == MessageId::Output) return take_output(message);
  if (message.id == MessageId::Verdict) {
    verdict_ = TRY(message.as<protocol::Verdict>());
    return {};
  }
  // Only a running guest has files, and only behind its filter ([J4]).
  if (request_.action != Action::Run || !worker_.gate().in_guest_phase()) return unasked(message);  // [P1]
  return handle_path(message);
}

Result<void> Session::take_output(const Received& message) {
  bool asked = request_.action == Action::Inspect ||
               (request_.action == Action::Run && !request_.invoke.empty());
  if (!asked) return unasked(message);  // [P1]
  protocol::Output output = TRY(message.as<protocol::Output>());
  if (output_.size() + output.text.size() > kMaxOutput) {  // [L1]
    return fail(protocol::diag::message_too_large, kNoOffset,
                "more output than " + std::to_string(kMaxOutput) + " bytes");
  }
  output_ += output.text;
  return {};
}

Result<void> Session::open(const Received& message) {
  auto request = TRY(message.as<protocol::PathOpen>());
  Fd file;
  const protocol::OpenReply reply = paths_.open(request, file);
  worker_.gate().offer(protocol::Descriptor::File, std::move(file));
  worker_.send(reply);
  return {};
}

template <class Reply, class Request>
Result<void> Session::answer(const Received& message,
                             Reply (PathService::*method)(const Request&)) {
  auto request = TRY(message.as<Request>());
  if constexpr (std::same_as<Reply, int>) {
    worker_.send(protocol::StatusReply{.error = static_cast<uint32_t>((paths_.*method)(request))});
  } else {
    worker_.send((paths_.*method)(request));
  }
  return {};
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
