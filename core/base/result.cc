// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/base/result.h"

namespace cordon {

Failure fail_os(std::string what, int error) {
  return Failure(Diagnostic{&diag::os_call_failed, kNoOffset, error, std::move(what)});
}

}  // namespace cordon
