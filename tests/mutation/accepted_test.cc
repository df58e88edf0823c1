// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A short campaign of programs that the verifier accepts by construction: none does anything
// forbidden ([B1] [R1] [R2]). The long one is cordon-accepted; holes in the runtime (holes/) test
// that the monitor detects what it should.
#include <gtest/gtest.h>

#include "core/abi/traps.h"
#include "fuzz/oracle/accepted/campaign.h"

namespace cordon::fuzz::accepted {
namespace {

TEST(AcceptedTest, NoProgramBreaksAPromise) {
  constexpr uint64_t kPrograms = 5'000;
  const Report report = run_campaign(kPrograms, 3, false);
  for (const std::string& fault : report.faults) ADD_FAILURE() << fault;
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(report.tally.dares_accepted, 0u);
  EXPECT_EQ(report.programs, kPrograms);
  // The attack went on: programs ran to their ends, the runtime had to refuse some, and calls ended
  // in every way that calls of this generator can.
  EXPECT_GT(report.count(End::Returned), kPrograms / 10);
  EXPECT_GT(report.count(End::Caught), kPrograms / 50);
  EXPECT_GT(report.count(End::Unloaded), kPrograms / 100);
  EXPECT_GT(report.tally.host_calls, kPrograms / 2);
  for (const Trap trap : {Trap::none, Trap::unreachable, Trap::out_of_bounds_memory_access,
                          Trap::out_of_bounds_table_access, Trap::undefined_element,
                          Trap::uninitialized_element, Trap::indirect_call_type_mismatch,
                          Trap::call_stack_exhausted, Trap::fuel_exhausted, Trap::host_failure}) {
    EXPECT_GT(report.tally.traps[static_cast<size_t>(trap)], 0u) << trap_name(trap);
  }
}

}  // namespace
}  // namespace cordon::fuzz::accepted
