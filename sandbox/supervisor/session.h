// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Session: the messages that a run worker may send from Start to its verdict. A message that
// was not requested, does not decode, or comes at the wrong time is a failure, which the
// caller makes a violation ([P1]). Paths are handled by the path broker, on a channel of their
// own.
#pragma once

#include <optional>
#include <string>

#include "sandbox/supervisor/run.h"
#include "sandbox/supervisor/worker.h"

namespace cordon::supervisor {

// One for each run worker. Holds at most kMaxOutput bytes of its output ([L1]).
class Session {
 public:
  // The request outlives this; it determines which messages are expected.
  explicit Session(const RunRequest& request) : request_(request) {}

  // One message of the worker.
  Result<void> handle(const protocol::Received& message);

  const std::optional<protocol::Verdict>& verdict() const { return verdict_; }
  // Moves out the worker's output so far, raw; later output starts anew.
  std::string take_output() { return std::move(output_); }

 private:
  Result<void> take_output(const protocol::Received& message);

  const RunRequest& request_;
  std::optional<protocol::Verdict> verdict_;
  std::string output_;
};

}  // namespace cordon::supervisor
