// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A host function: a C++ function over raw 64-bit slots. i32 and f32 are in the low half of a slot
// (upper half zero), references are pointers, null is zero.
#pragma once

#include <cstdint>

#include "core/abi/traps.h"

namespace cordon::runtime {

class Memory;
struct Instance;

// The caller: valid during the call alone.
struct HostCall {
  Instance* caller;  // null when the embedder calls a host function directly
  Memory* memory;    // memory 0 of the caller, or null
};

// `args` holds the slots of the parameters, two for a v128, and `results` has room for those of the
// results; they may overlap: read all arguments first. Trap::host_exit ends the run without a
// fault. It runs in the embedder's mode of floating-point arithmetic and leaves that unchanged, as
// the platform's ABI requires of every function. The upper halves of results need not be clean: the
// guest gets what the function's store accepts (Store::take_in).
using HostFn = Trap (*)(void* env, HostCall& call, const uint64_t* args, uint64_t* results);

}  // namespace cordon::runtime
