// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Messages to bytes and back ([P1]). Decoding trusts nothing: every length is checked against its
// limit and against the bytes left before anything is allocated, choices and flags have only their
// listed values, and a byte after the last field is an error. There is exactly one encoding of a
// message.
#pragma once

#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "sandbox/protocol/messages.h"

namespace cordon::protocol {

namespace diag {
#define DIAGNOSTIC(name, klass, text) \
  inline constexpr DiagnosticKind name{DiagnosticClass::klass, #name, text};
#include "sandbox/protocol/diagnostics.def"
}  // namespace diag

// The encoded message, its number first (a Config is no message and has none). Fails with
// message_too_large if a field or the whole exceeds its limit.
template <class Message>
Result<std::vector<uint8_t>> encode(const Message& message);

// The message in exactly these bytes. Fails with malformed_message and the offset.
template <class Message>
Result<Message> decode(ByteSpan bytes);

// The number at the front, if it is one of this direction.
Result<MessageId> identify(ByteSpan bytes, Direction direction);

}  // namespace cordon::protocol
