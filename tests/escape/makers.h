// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a hostile compile worker does with requests for functions: the MAKER rows of
// tiering_attacks.def, and how it sends a piece.
#pragma once

#include "core/base/bytes.h"
#include "core/base/os/fd.h"
#include "sandbox/protocol/channel.h"

namespace cordon::escape {

// Writes `bytes` where the supervisor expects code, and reports `claimed` of them; the descriptor
// stays open.
Fd send_piece(protocol::Channel& channel, ByteSpan bytes, bool last, uint64_t claimed);

// Returning ends the worker.
#define MAKER(name, ...) void name(protocol::Channel& channel);
#include "tests/escape/tiering_attacks.def"

}  // namespace cordon::escape
