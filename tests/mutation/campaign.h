// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A campaign: many mutants of many generated modules, each given to the verifier, and each that it
// accepts to the monitor.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/mutation/monitor.h"
#include "tests/mutation/mutate.h"

namespace cordon::mutation {

struct Counts {
  uint64_t modules = 0, mutants = 0, unchanged = 0, rejected = 0;
  uint64_t ends[5] = {};            // of those accepted, by End
  uint64_t stepped = 0, steps = 0;  // of those accepted, run once more by steps; instructions
  uint64_t tried[std::size(kMutationNames)] = {}, let_through[std::size(kMutationNames)] = {};
  std::vector<std::string> violations;  // seed, mutant and what was seen
  uint64_t accepted() const { return mutants - unchanged - rejected; }
};

// `mutants` in all, `per_module` of each module, each `step_every`th that is accepted also by
// steps; the same for the same seed.
Counts run_campaign(uint64_t seed, uint64_t mutants, uint64_t per_module, uint64_t step_every);

}  // namespace cordon::mutation
