// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Session: the supervisor's conversation with one worker, from Start to its end. Whatever the
// worker sends that was not asked for, does not decode, or comes where it has no business ends the
// session as a violation
// ([P1]); the deadline is looked at before every message, so no flood can push it away ([L1]).
#pragma once

#include <optional>
#include <string>

#include "sandbox/protocol/channel.h"
#include "sandbox/supervisor/deadline.h"
#include "sandbox/supervisor/path_service.h"
#include "sandbox/supervisor/run.h"

namespace cordon::supervisor {

struct SessionEnd {
  std::string jail_failure;  // not empty: why there was no jail; nothing of the guest was sent then
  std::optional<protocol::Verdict> verdict;
  std::string violation;  // not empty: what the worker did
  bool timed_out = false;
  bool worker_ended = false;  // by itself, before any of the above
  std::string output;
};

class Session {
 public:
  Session(protocol::Channel channel, std::vector<Grant> grants, const RunRequest& request)
      : channel_(std::move(channel)), paths_(std::move(grants)), request_(request) {}

  // Serves until the verdict, a violation, the end of the worker (`pidfd` becomes readable) or the
  // deadline. Fails only if the supervisor itself can not go on (ppoll).
  Result<SessionEnd> serve(int pidfd, const Deadline& deadline);

  const std::vector<Grant>& grants() const { return paths_.directories(); }

 private:
  void handle_next();
  Result<void> handle(const protocol::Received& message);
  Result<void> handle_path(const protocol::Received& message);
  Result<void> take_output(const protocol::Received& message);
  Result<void> take_verdict(const protocol::Received& message);
  Result<void> open(const protocol::Received& message);
  template <class Reply, class Request>
  Result<void> answer(const protocol::Received& message,
                      Reply (PathService::*method)(const Request&));
  bool over() const {
    return end_.verdict || !end_.violation.empty() || end_.timed_out || end_.worker_ended;
  }

  protocol::Channel channel_;
  PathService paths_;
  const RunRequest& request_;
  bool peer_closed_ = false;
  SessionEnd end_;
};

}  // namespace cordon::supervisor
