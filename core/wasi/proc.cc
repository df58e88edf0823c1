// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// proc_*: the guest's exit, and the calls about its one thread.
#include <sched.h>

#include "core/wasi/calls.h"

namespace cordon::wasi::calls {

Trap proc_exit(Call& call, uint32_t code) {
  call.wasi.set_exit_code(code);
  return Trap::host_exit;
}

// A signal to a guest that cannot handle any: no libc calls this.
Errno proc_raise(Call&, uint32_t signal) {
  return signal > kSignalLast ? Errno::inval : Errno::notsup;
}

Errno sched_yield(Call&) { return from_result(::sched_yield()); }

}  // namespace cordon::wasi::calls
