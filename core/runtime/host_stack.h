// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The bounds of this thread's own stack ([S1]), on which calls between instances, and from the host
// back into a guest, run.
#pragma once

#include <cstdint>

namespace cordon::runtime {

// Bounds of a thread's stack. No call into a guest begins below `limit`: the rest is for the
// runtime's own frames, a host function's, and the C library's. A frame that is not below `top` is
// on another stack (a coroutine's, a signal handler's), whose end is unknown.
struct HostStack {
  uintptr_t limit, top;
  // Whether `frame` is in [limit, top).
  bool has(uintptr_t frame) const { return frame >= limit && frame < top; }
};
// Contains no frame at all if the bounds cannot be determined, and then no guest runs on this
// thread. The first call uses pthread_getattr_np(3), which reads /proc on the main thread: a jailed
// worker makes it before its jail.
HostStack host_stack();

// An address in the innermost frame, for HostStack::has().
inline uintptr_t host_stack_here() {
  return reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
}

}  // namespace cordon::runtime
