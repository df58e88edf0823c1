// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/engine/code_options.h"

#include "core/abi/target.h"
#include "core/engine/diagnostics.h"

namespace cordon::engine {

Result<void> check_code_options(const abi::BlobOptions& options, bool fuel) {
  if (options.fuel != fuel) {
    return fail(diag::code_mismatch, kNoOffset, "made under another rule for fuel");
  }
  if (!abi::detect_target().provides(options.cpu_features)) {
    return fail(diag::code_mismatch, kNoOffset, "needs a processor that this is not");
  }
  return {};
}

}  // namespace cordon::engine
