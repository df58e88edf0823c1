// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "core/base/os/mapping.h"

namespace cordon::supervisor {

// Keeps the memory of a clone that the kernel still holds (jail/reap.h) until this process ends.
void keep_for_clone(Mapping memory);

}  // namespace cordon::supervisor
