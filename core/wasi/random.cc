// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// random_get: the kernel's own generator, for every byte. A call asks for no more than the guest's
// memory holds ([L1]); the kernel gives it in parts.
#include <sys/random.h>

#include <cerrno>

#include "core/wasi/calls.h"

namespace cordon::wasi::calls {

Errno random_get(Call&, Buffer out) {
  while (!out.empty()) {
    ssize_t got = getrandom(out.data(), out.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return from_result(-1);
    out = out.subspan(static_cast<size_t>(got));
  }
  return Errno::success;
}

}  // namespace cordon::wasi::calls
