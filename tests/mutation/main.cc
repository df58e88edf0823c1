// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// cordon-mutate [MUTANTS [SEED [STEP_EVERY]]]: a long campaign. Prints how many mutants were
// rejected and how those that were accepted ended; fails if one of them touched what it may not.
#include <cstdio>
#include <cstdlib>

#include "tests/mutation/campaign.h"

int main(int argc, char** argv) {
  using namespace cordon::mutation;
  const uint64_t mutants = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  const uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  const uint64_t step_every = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 100;
  const Counts counts = run_campaign(seed, mutants, 500, step_every);
  const auto number = [](uint64_t value) { return static_cast<unsigned long long>(value); };
  std::printf("%llu mutants of %llu modules: %llu unchanged, %llu rejected, %llu accepted\n",
              number(counts.mutants), number(counts.modules), number(counts.unchanged),
              number(counts.rejected), number(counts.accepted()));
  std::printf("  %-22s %llu, %llu instructions\n", "run by steps too", number(counts.stepped),
              number(counts.steps));
  constexpr const char* kEnds[] = {"harmless", "endless", "division", "caught by the runtime",
                                   "VIOLATIONS"};
  for (size_t i = 0; i < std::size(kEnds); ++i) {
    std::printf("  %-22s %llu\n", kEnds[i], number(counts.ends[i]));
  }
  for (size_t i = 0; i < std::size(kMutationNames); ++i) {
    std::printf("  %-22s %llu tried, %llu accepted\n", kMutationNames[i].data(),
                number(counts.tried[i]), number(counts.let_through[i]));
  }
  for (const std::string& violation : counts.violations) std::puts(violation.c_str());
  return counts.violations.empty() ? 0 : 1;
}
