// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Session: what a run worker may say to its supervisor from Start to its verdict. Whatever it sends
// that was not asked for, does not decode, or comes where it has no business is a failure, which
// the caller makes a violation ([P1]). Its paths are the path broker's business, on a channel of
// their own.
#pragma once

#include <optional>
#include <string>

#include "sandbox/supervisor/run.h"
#include "sandbox/supervisor/worker.h"

namespace cordon::supervisor {

// One for each run worker. Holds at most kMaxOutput bytes of its output ([L1]).
class Session {
 public:
  // The request outlives this; it says which messages are to be expected.
  explicit Session(const RunRequest& request) : request_(request) {}

  // One message of the worker.
  Result<void> handle(const protocol::Received& message);

  const std::optional<protocol::Verdict>& verdict() const { return verdict_; }
  // Moves out what the worker has printed so far, raw; later output starts anew.
  std::string take_output() { return std::move(output_); }

 private:
  Result<void> take_output(const protocol::Received& message);

  const RunRequest& request_;
  std::optional<protocol::Verdict> verdict_;
  std::string output_;
};

}  // namespace cordon::supervisor
