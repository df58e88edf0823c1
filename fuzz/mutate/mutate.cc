// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/mutate/mutate.h"

#include <algorithm>
#include <span>

#include "fuzz/mutate/mutator.h"

namespace cordon::fuzz {
namespace {

using Mutation = void (Mutator::*)();

struct Weighted {
  Mutation mutation;
  uint32_t weight;
};

constexpr Weighted kMutations[] = {
#define MUTATION(name, weight) {&Mutator::name, weight},
#include "fuzz/mutate/mutations.def"
};

Mutation draw(Choices& choices) {
  static constexpr uint32_t kSum = [] {
    uint32_t sum = 0;
    for (const Weighted& each : kMutations) sum += each.weight;
    return sum;
  }();
  uint32_t drawn = choices.below(kSum);
  for (const Weighted& each : kMutations) {
    if (drawn < each.weight) return each.mutation;
    drawn -= each.weight;
  }
  return kMutations[0].mutation;
}

}  // namespace

ByteString mutate(Choices& choices, ByteSpan module, ByteSpan donor) {
  Mutator mutator(choices, cut(module), cut(donor));
  // Mostly one change: nothing after the first error is examined.
  const uint32_t times = choices.below(2) == 0 ? 1 : 1 + choices.below(4);
  for (uint32_t i = 0; i < times; ++i) (mutator.*draw(choices))();
  return mutator.write();
}

}  // namespace cordon::fuzz
