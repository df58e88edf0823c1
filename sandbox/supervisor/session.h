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

class Session {
 public:
  explicit Session(const RunRequest& request) : request_(request) {}

  // One message of the worker.
  Result<void> handle(const protocol::Received& message);

  const std::optional<protocol::Verdict>& verdict() const { return verdict_; }
  std::string take_output() { return std::move(output_); }

 private:
  Result<void> take_output(const protocol::Received& message);

  const RunRequest& request_;
  std::optional<protocol::Verdict> verdict_;
  std::string output_;
};

}  // namespace cordon::supervisor
