// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/report.h"

#include <algorithm>

namespace cordon::supervisor {

int RunReport::exit_status() const {
  switch (end) {
    // A status has 8 bits: 256 would become 0, which is success.
    case RunEnd::Exited: return static_cast<int>(std::min<uint32_t>(exit_code, 255));
    case RunEnd::Trapped: return limit == protocol::LimitHit::Memory ? 137 : 134;
    case RunEnd::Refused: return 1;
    case RunEnd::Timeout: return 124;
    case RunEnd::Killed: return 137;
    case RunEnd::JailFailed:
    case RunEnd::BadInput: return 2;
    case RunEnd::Lacking: return 3;
    case RunEnd::Interrupted: return 128 + signal;
    case RunEnd::Violation: break;
  }
  return 159;
}

}  // namespace cordon::supervisor
