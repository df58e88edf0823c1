// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Session: what a run worker may say to its supervisor from Start to its verdict. Whatever it sends
// that was not asked for, does not decode, or comes where it has no business is a failure, which
// the caller makes a violation ([P1]).
#pragma once

#include <optional>
#include <string>

#include "sandbox/supervisor/path_service.h"
#include "sandbox/supervisor/run.h"
#include "sandbox/supervisor/worker.h"

namespace cordon::supervisor {

class Session {
 public:
  Session(Worker& worker, std::vector<Grant> grants, const RunRequest& request)
      : worker_(worker), paths_(std::move(grants)), request_(request) {}

  // One message of the worker.
  Result<void> handle(const protocol::Received& message);

  const std::optional<protocol::Verdict>& verdict() const { return verdict_; }
  std::string take_output() { return std::move(output_); }

 private:
  Result<void> handle_path(const protocol::Received& message);
  Result<void> take_output(const protocol::Received& message);
  Result<void> open(const protocol::Received& message);
  template <class Reply, class Request>
  Result<void> answer(const protocol::Received& message,
                      Reply (PathService::*method)(const Request&));

  Worker& worker_;
  PathService paths_;
  const RunRequest& request_;
  std::optional<protocol::Verdict> verdict_;
  std::string output_;
};

}  // namespace cordon::supervisor
