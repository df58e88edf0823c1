// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The filters as bytes, made from the policies when Cordon is built (main.cc here writes the source
// file). In the workers they are read-only constants.
#pragma once

#include <linux/filter.h>

#include <span>

#include "sandbox/policy/policy.h"

namespace cordon::policy {

// A classic BPF program for seccomp(2), SECCOMP_SET_MODE_FILTER. Static storage.
std::span<const sock_filter> filter_of(Worker worker, Phase phase);

}  // namespace cordon::policy
