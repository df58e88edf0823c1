// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What verified code must fulfil besides, before it may run here.
#pragma once

#include "core/abi/code_blob.h"
#include "core/base/result.h"

namespace cordon::engine {

// Fails with code_mismatch if code with these options does not charge fuel as the run has it, or
// needs features that this processor lacks. [L1]
Result<void> check_code_options(const abi::BlobOptions& options, bool fuel);

}  // namespace cordon::engine
