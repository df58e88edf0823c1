// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A C program with setjmp and longjmp, as a toolchain builds it, prints as a guest what it prints
// as a program of this machine, by each engine.
#include <gtest/gtest.h>

#include "tests/wasi/command.h"

namespace cordon::tests {
namespace {

void expect_same_output(const std::string& guest) {
  const Finished native = run_program(CORDON_SETJMP_NATIVE, {});
  ASSERT_EQ(native.status, 0);
  ASSERT_NE(native.out, "");
  for (const char* engine : {"--engine=interp", "--engine=jit"}) {
    const Finished run = run_program(
        CORDON_PROGRAM, {"run", engine, std::string(CORDON_SETJMP_GUESTS) + "/" + guest});
    EXPECT_EQ(run.status, 0) << engine << run.err;
    EXPECT_EQ(run.out, native.out) << engine;
  }
}

TEST(Setjmp, WithLegacyExceptionsIsAsNative) { expect_same_output("setjmp.legacy.wasm"); }

}  // namespace
}  // namespace cordon::tests
