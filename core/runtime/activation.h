// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Activation: one stay of this thread in native code of one instance, from call_native() until it
// returns. They nest: native code calls the host or another instance, which may call native code
// again. The trap handler takes the state of the thread from the innermost one, and never derives
// the running instance from registers.
#pragma once

#include <cstdint>

#include "core/runtime/execution.h"
#include "core/runtime/instance.h"

namespace cordon::runtime {

// Lives on the host's stack; the trap handler reads it. Nothing in it is owned.
struct Activation {
  Activation* outer;
  Instance* instance;
  Execution* execution;
  const Func* entered;  // the function that the host called, for whose results it waits
  abi::VmContext* context;
  const CodeSpace* code;
  const Memory* memory;  // whose addresses may fault; null if the instance has none
  uint64_t* area;  // the stack pointer at the call; below is the entry function's return address

  // How it ended, if it trapped: by a fault at `pc`, or in a builtin that returns to `pc`. `stack`
  // is the stack pointer in the function that holds `pc`.
  Trap trap;
  bool fault;
  const void* pc;
  const uint64_t* stack;
};

// The innermost activation of this thread, or null.
Activation*& innermost_activation();

// Adds the frames of `ended`, which trapped, to its execution's trace.
void trace_native(const Activation& ended);

}  // namespace cordon::runtime
