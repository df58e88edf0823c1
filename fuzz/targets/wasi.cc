// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// wasi: a guest's calls of WASI, one after the other, on core/wasi and on a model of it
// (oracle/wasi/guest.h). Every difference is a finding: an error, a result, a byte of memory.
#include <gtest/gtest.h>

#include "fuzz/oracle/wasi/guest.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // A broken expectation of the test's broker on core/wasi is a finding too.
  GTEST_FLAG_SET(break_on_failure, true);
  cordon::fuzz::Choices choices({data, size});
  cordon::fuzz::WasiGuest guest(choices);
  while (!choices.spent()) guest.call();
  return 0;
}
