// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A file for `perf` about machine code: one line a function, "address size name", numbers in
// hexadecimal.
#pragma once

#include "core/base/result.h"
#include "core/runtime/code/space.h"
#include "core/wasm/validated.h"

namespace cordon::run_worker {

// Names come from the name section and are the guest's, made safe by wasm::plain_name().
Result<void> write_perf_map(int fd, const wasm::ValidatedModule& module,
                            const runtime::CodeSpace& code);

}  // namespace cordon::run_worker
