// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// random_get: every byte comes from the kernel's generator. A call fills at most the guest's memory
// ([L1]), in parts as large as the kernel gives.
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
