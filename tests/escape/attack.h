// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Shared by the hostile worker's attacks: their table, and the report of what happened.
#pragma once

#include <string>

#include "sandbox/protocol/channel.h"

namespace cordon::escape {

// Tries one thing. Returning means that the process lived through it; the text says what the
// attempt gave, starting with "powerless" if the attack found that it has gained nothing.
using Attack = std::string (*)(protocol::Channel& channel);

#define ATTACK(name, expected) std::string name(protocol::Channel& channel);
#include "tests/escape/attacks.def"
#define ASKER(name, ...) std::string name(protocol::Channel& channel);
#include "tests/escape/tiering_attacks.def"

// Maps the code that the supervisor sends to a native guest's worker, as that worker does, before
// the guest filter; or code that it requests after that. For the NATIVE attacks.
void publish_code(protocol::Channel& channel);
void publish_requested_code(protocol::Channel& channel);

// System call `number` in the form "x86-64", "x32" or "int80", with arguments that make sense for
// it where it has any.
std::string attempt_syscall(const std::string& form, long number);

// "returned -13".
std::string returned(long result);

}  // namespace cordon::escape
