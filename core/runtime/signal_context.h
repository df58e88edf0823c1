// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The trap handler's access to the thread that a signal stopped, in a folder of each machine. Safe
// in a signal handler.
#pragma once

#include <ucontext.h>

#include <cstdint>

#include "core/abi/vmctx.h"
#include "core/base/bytes.h"

namespace cordon::runtime {

// Where the thread was: the instruction, and its stack pointer.
struct Stopped {
  const void* pc;
  const uint64_t* stack;
};
Stopped stopped_at(const ucontext_t& thread);

// When the handler returns, the thread continues in cordon_leave_by_trap, with `context` in the
// context register and on that context's exit stack.
void go_on_by_trap(ucontext_t& thread, abi::VmContext* context);

// Whether `code` begins with the instruction that does nothing but trap, in its one spelling.
bool is_trap_instruction(ByteSpan code);

}  // namespace cordon::runtime
