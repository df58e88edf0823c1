// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/base/os/fd.h"

#include <unistd.h>

namespace cordon {

void Fd::reset() {
  // close(2): the descriptor is gone even if the call fails, so there is nothing to retry.
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

}  // namespace cordon
