// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The workload as a module that imports nothing, for engines without WASI: one exported function,
// the number of rounds fixed when it is compiled.
#include "workload.h"

__attribute__((export_name("checksum"))) uint64_t checksum(void) {
  return run_workload(CORDON_BENCH_ROUNDS);
}
