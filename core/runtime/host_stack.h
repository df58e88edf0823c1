// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How far this thread's own stack reaches ([S1]): calls between instances, and from the host back
// into a guest, stand on it.
#pragma once

#include <cstdint>

namespace cordon::runtime {

// Bounds of a thread's stack. No call into a guest begins below `limit`: what it leaves is for the
// runtime's own frames, a host function's, and the C library's. A frame that does not lie below
// `top` is on another stack (a coroutine's, a signal handler's), whose end is not known.
struct HostStack {
  uintptr_t limit, top;
  // Whether `frame` lies in [limit, top).
  bool has(uintptr_t frame) const { return frame >= limit && frame < top; }
};
// It has no frame at all if the bounds cannot be had, and then no guest runs on this thread. The
// first call asks pthread_getattr_np(3), which reads /proc on the main thread: a jailed worker
// makes it before its jail.
HostStack host_stack();

// What guests may use of a very large stack, so that how deep they get does not depend on the
// shell's limits.
inline constexpr uintptr_t kMostHostStack = uintptr_t{1} << 20;

// An address in the innermost frame, for HostStack::has().
inline uintptr_t host_stack_here() {
  return reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
}

}  // namespace cordon::runtime
