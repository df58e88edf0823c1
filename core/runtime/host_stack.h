// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How much of this thread's own stack is left ([S1]): calls between instances, and from the host
// back into a guest, stand on it.
#pragma once

namespace cordon::runtime {

// Finds the bounds of this thread's stack (pthread_getattr_np(3)). A jailed worker calls it before
// its jail, since it reads /proc on the main thread; elsewhere the first call into a guest does.
void find_host_stack();

// Whether the stack has room for one more call of the host or into a guest. False also where the
// bounds cannot be had, and on a stack that is not the thread's own (of a coroutine, of a signal).
bool host_stack_has_room();

}  // namespace cordon::runtime
