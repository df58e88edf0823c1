// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/run_worker/code_feed.h"

#include <cerrno>

#include "core/wasm/diagnostics.h"
#include "sandbox/worker/ask.h"

namespace cordon::run_worker {
namespace {

using protocol::Channel;
using protocol::MessageId;

}  // namespace

void RequestedCode::ask(uint32_t body) {
  if (asked_ == protocol::kMaxRequests) return;
  ++asked_;
  waiting_.push_back(body);
  send_waiting();
}

void RequestedCode::send_waiting() {
  while (!waiting_.empty()) {
    const auto sent =
        channel_.send(protocol::CompileMore{waiting_.front()}, Channel::Wait::DoNotWait);
    // Whatever else fails, the supervisor is gone, and so is this process soon.
    if (!sent && sent.error().os_error == EAGAIN) return;
    waiting_.pop_front();
  }
}

Result<std::optional<SealedFile>> RequestedCode::poll() {
  send_waiting();
  Result<protocol::Received> received = channel_.receive(Channel::Wait::DoNotWait);
  if (!received && received.error().os_error == EAGAIN) return std::nullopt;
  if (!received) return Failure(received.error());
  if (received->id == MessageId::NoMoreCode) {
    return fail(wasm::diag::not_compiled, kNoOffset, TRY(received->as<protocol::NoMoreCode>()).why);
  }
  const auto code = TRY(received->as<protocol::Code>());
  Fd taken = TRY(worker::ask_for(protocol::Descriptor::NeededCode));     // [J4]
  return TRY(SealedFile::adopt_copy(std::move(taken), code.code_size));  // [W1]
}

}  // namespace cordon::run_worker
