// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Wraps the call of a fuzzing engine to its target: the linker's option --wrap leads the engine's
// call here, and __real_ to the target (fuzz/CMakeLists.txt). The input is recorded before it is
// run.
#include "fuzz/campaign/record.h"

extern "C" int __real_LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
extern "C" int __wrap_LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

extern "C" int __wrap_LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  cordon::fuzz::begin_run({data, size});
  const int result = __real_LLVMFuzzerTestOneInput(data, size);
  cordon::fuzz::end_run();
  return result;
}
