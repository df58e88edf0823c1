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

class Compilation;

struct SessionEnd {
  std::string jail_failure;  // not empty: why there was no jail; nothing of the guest was sent then
  std::optional<protocol::Verdict> verdict;
  std::string violation;  // not empty: what the worker did
  bool timed_out = false;
  bool worker_ended = false;    // by itself, before any of the above
  bool compiler_ended = false;  // the compile worker, before it gave an answer
  uint64_t compile_ns = 0;      // as it says
  std::string output;
};

class Session {
 public:
  Session(protocol::Channel channel, std::vector<Grant> grants, const RunRequest& request)
      : channel_(std::move(channel)), paths_(std::move(grants)), request_(request) {}

  // The run worker gets the code of `compilation`, which must live as long, as soon as it is there.
  void await_code(Compilation& compilation) { compilation_ = &compilation; }

  // Serves until the verdict, a violation, the end of the worker (`pidfd` becomes readable) or the
  // deadline. Fails only if the supervisor itself can not go on (ppoll).
  Result<SessionEnd> serve(int pidfd, const Deadline& deadline);

  const std::vector<Grant>& grants() const { return paths_.directories(); }

 private:
  void handle_next();
  // Polls of serve(): the compile worker's end and channel, if it still owes an answer.
  void take_compiled(bool ended, bool has_message);
  Result<void> handle(const protocol::Received& message);
  Result<void> handle_path(const protocol::Received& message);
  Result<void> take_output(const protocol::Received& message);
  Result<void> take_verdict(const protocol::Received& message);
  Result<void> open(const protocol::Received& message);
  template <class Reply, class Request>
  Result<void> answer(const protocol::Received& message,
                      Reply (PathService::*method)(const Request&));
  bool over() const {
    return end_.verdict || !end_.violation.empty() || end_.timed_out || end_.worker_ended ||
           end_.compiler_ended;
  }

  protocol::Channel channel_;
  PathService paths_;
  const RunRequest& request_;
  Compilation* compilation_ = nullptr;  // null once it has answered
  bool peer_closed_ = false;
  SessionEnd end_;
};

}  // namespace cordon::supervisor
