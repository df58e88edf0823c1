// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A short campaign: no mutant of the JIT's code that the verifier accepts touches anything outside
// of what the rules allow ([M1] [C1] [S1] [T1]). The long one is cordon-mutate.
#include <gtest/gtest.h>

#include "tests/mutation/campaign.h"

namespace cordon::mutation {
namespace {

#ifdef CORDON_SANITIZED
constexpr uint64_t kMutants = 1'500, kStepEvery = 10;
#else
constexpr uint64_t kMutants = 6'000, kStepEvery = 25;
#endif

TEST(MutationTest, NoAcceptedMutantLeavesItsBounds) {
  const Counts counts = run_campaign(7, kMutants, 300, kStepEvery);
  EXPECT_TRUE(counts.violations.empty());
  for (const std::string& violation : counts.violations) ADD_FAILURE() << violation;
  EXPECT_GT(counts.steps, 2 * kMutants);
  // Both sides of the verifier were seen, and every kind of mutation.
  EXPECT_GT(counts.rejected, counts.mutants / 2);
  EXPECT_GT(counts.ends[static_cast<size_t>(End::Harmless)], kMutants / 60);
  for (size_t i = 0; i < std::size(kMutationNames); ++i) {
    EXPECT_GT(counts.tried[i], 0u) << kMutationNames[i];
  }
}

}  // namespace
}  // namespace cordon::mutation
