// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The second layer under the path service ([F1]): the thread that serves a worker can itself open
// and change nothing but what was granted (landlock(7)), so a mistake in the resolver still reaches
// nothing.
#pragma once

#include <span>

#include "core/base/result.h"
#include "sandbox/supervisor/path_service.h"

namespace cordon::supervisor {

// The Landlock ABI of this kernel, 0 if it has none.
int landlock_abi();

// Confines the calling thread, for good, to reading beneath each grant and to writing beneath the
// writable ones. Files that are open already stay usable. Does nothing where landlock_abi() is 0;
// any other failure is one.
Result<void> confine_thread(std::span<const Grant> grants);

}  // namespace cordon::supervisor
