// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// [F1] Random sequences of path calls against PathModel, while another process renames and swaps
// symbolic links in the same granted directory and around it: the oracle of the fuzz target
// `paths` (fuzz/oracle/paths/path_guest.h), which ends the program where something is wrong, over
// bytes that a seed gives.
//
// CORDON_PATH_SEQUENCES says how many sequences of some eight calls (default 20 000, which CI
// runs).
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "fuzz/oracle/paths/path_guest.h"

namespace cordon::path_broker {
namespace {

// Then the tree is thrown away: trees only grow, and the service looks at so many levels alone when
// it moves one.
constexpr uint64_t kSequencesInATree = 100, kBytesOfASequence = 120;

uint64_t sequences() {
  const char* text = std::getenv("CORDON_PATH_SEQUENCES");
  return text == nullptr ? 20'000 : std::strtoull(text, nullptr, 10);
}

TEST(ModelTest, RandomSequencesEndAsTheModelSaysAndNeverOutside) {  // [F1]
  const uint64_t count = sequences();
  std::mt19937_64 random{20261130};
  fuzz::PathGuest guest;
  std::vector<uint8_t> bytes(kSequencesInATree * kBytesOfASequence);
  for (uint64_t i = 0; i < count; i += kSequencesInATree) {
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
    fuzz::Choices choices(bytes);
    guest.run(choices);
  }
  const fuzz::PathGuest::Counts& counts = guest.counts();
  std::printf(
      "%lu sequences: %lu calls as the model says (%lu of them succeeded), %lu refused in the "
      "race\n",
      count, counts.calm, counts.succeeded, counts.refused);
  EXPECT_GT(counts.calm, count * 3);
  EXPECT_GT(counts.succeeded, count / 2);
  EXPECT_GT(counts.refused, count / 10);
}

}  // namespace
}  // namespace cordon::path_broker
