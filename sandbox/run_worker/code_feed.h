// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// RequestedCode: code that the compile worker makes while the guest runs, function by function,
// through the supervisor. What arrives is untrusted: the engine verifies it ([W3]).
#pragma once

#include <deque>
#include <memory>

#include "core/engine/code_feed.h"
#include "sandbox/protocol/channel.h"

namespace cordon::run_worker {

// The feed of the run's only instance. Nothing here waits.
class RequestedCode final : public engine::CodeFeed {
 public:
  // The channel outlives this; nothing else receives from it meanwhile.
  explicit RequestedCode(protocol::Channel& channel) : channel_(channel) {}

  // [L1] After kMaxRequests of them no more are made.
  void ask(uint32_t body) override;
  Result<std::optional<SealedFile>> poll() override;

 private:
  void send_waiting();

  protocol::Channel& channel_;
  std::deque<uint32_t> waiting_;  // the channel had no room for these
  uint32_t asked_ = 0;
};

// For one module; the channel outlives it.
class CodeFromRequests final : public engine::CodeFeeds {
 public:
  explicit CodeFromRequests(protocol::Channel& channel) : channel_(channel) {}
  Result<std::unique_ptr<engine::CodeFeed>> feed(std::shared_ptr<const wasm::ValidatedModule>,
                                                 bool) override {
    return std::make_unique<RequestedCode>(channel_);
  }

 private:
  protocol::Channel& channel_;
};

}  // namespace cordon::run_worker
