// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// compile_bpf(): from a policy to the classic BPF program that the kernel runs, made by libseccomp.
// Called when Cordon is built: the bytes become constants of the workers (filters.h), so that no
// worker links libseccomp or can be made to build another filter.
#pragma once

#include <linux/filter.h>

#include <vector>

#include "core/base/result.h"
#include "sandbox/policy/policy.h"

namespace cordon::policy {

// The same policy gives the same bytes. Fails with the libseccomp call that failed.
Result<std::vector<sock_filter>> compile_bpf(Worker worker, Phase phase);

}  // namespace cordon::policy
