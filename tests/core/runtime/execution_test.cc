// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/execution.h"

#include <gtest/gtest.h>

#include "core/runtime/diagnostics.h"

namespace cordon::runtime {
namespace {

TEST(Execution, HasTheBytesThatWereAskedForAndNoMore) {  // [S1]
  for (uint64_t bytes : {uint64_t{0}, uint64_t{8}, uint64_t{4096}, uint64_t{100'000}}) {
    auto execution = Execution::create(bytes);
    ASSERT_TRUE(execution);
    EXPECT_EQ(execution->frame_bytes(), bytes);
    EXPECT_EQ(execution->frames_left, static_cast<int64_t>(bytes));
    EXPECT_EQ(execution->stack_top, execution->stack_base);
    // Room for as many bytes of values as of frames.
    uint64_t* const end = reinterpret_cast<uint64_t*>(execution->frames_top);
    EXPECT_GE(static_cast<uint64_t>(end - execution->stack_base) * 8, 2 * bytes);
    for (uint64_t* slot = execution->stack_base; slot != end; ++slot) *slot = 1;
  }
}

TEST(Execution, PointersSurviveAMove) {
  auto made = Execution::create(4096, 17);
  ASSERT_TRUE(made);
  Execution execution = std::move(*made);
  EXPECT_EQ(execution.fuel, 17);
  execution.stack_base[0] = 1;
  execution.frames_top[-1] = 1;
}

TEST(ExecutionDeathTest, PagesBesideTheStackAreNotThere) {  // [S1]
  auto execution = Execution::create(64 << 10);
  ASSERT_TRUE(execution);
  EXPECT_DEATH(*static_cast<volatile uint8_t*>(execution->frames_top) = 1, "");
  EXPECT_DEATH(*static_cast<volatile uint64_t*>(execution->stack_base - 1) = 1, "");
}

TEST(Execution, AStackThatCanNotBeIsRefused) {  // [L1]
  for (uint64_t bytes : {UINT64_MAX, UINT64_MAX - 4096, uint64_t{1} << 40}) {
    auto execution = Execution::create(bytes);
    ASSERT_FALSE(execution);
    EXPECT_EQ(execution.error().kind, &diag::stack_limit);
  }
}

}  // namespace
}  // namespace cordon::runtime
