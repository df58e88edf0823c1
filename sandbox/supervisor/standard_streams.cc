// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/standard_streams.h"

#include <fcntl.h>

#include "core/base/check.h"

namespace cordon::supervisor {

void keep_standard_streams() {
  for (int fd = 0; fd < 3; ++fd) {
    const int flags = fd == 0 ? O_WRONLY : O_RDONLY;
    CHECK(fcntl(fd, F_GETFD) >= 0 || open("/dev/null", flags) == fd);
  }
}

}  // namespace cordon::supervisor
