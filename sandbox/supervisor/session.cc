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
  if (verdict_) return unasked(message);  // [V1] the verdict is its last message
  if (message.id == MessageId::Output) return take_output(message);
  if (message.id == MessageId::Verdict) {
    verdict_ = TRY(message.as<protocol::Verdict>());
    return {};
  }
  return unasked(message);  // [P1]
}

Result<void> Session::take_output(const Received& message) {
  bool asked = request_.action == Action::Inspect ||
               (request_.action == Action::Run && request_.invoke.has_value());
  if (!asked) return unasked(message);  // [P1]
  protocol::Output output = TRY(message.as<protocol::Output>());
  if (output_.size() + output.text.size() > kMaxOutput) {  // [L1]
    return fail(protocol::diag::message_too_large, kNoOffset,
                "more output than " + std::to_string(kMaxOutput) + " bytes");
  }
  output_ += output.text;
  return {};
}

}  // namespace cordon::supervisor
