// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Conversations with a hostile peer ([P1] [V1]): messages in any order, which the state machine
// under test must accept or refuse as a few lines here predict. For the target `protocol`.
#pragma once

#include "fuzz/gen/choices.h"

namespace cordon::fuzz {

// Bytes to a message and back, of any message, right or wrong; and the numbers of messages.
void check_codec(Choices& choices);
// A run worker and its supervisor; a compile worker and its supervisor.
void check_session(Choices& choices);
void check_compilation(Choices& choices);
// A run worker's requests for code.
void check_requests(Choices& choices);
// A run worker and its path broker, over a socket.
void check_server(Choices& choices);

}  // namespace cordon::fuzz
