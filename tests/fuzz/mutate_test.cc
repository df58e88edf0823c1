// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/mutate/mutate.h"

#include <gtest/gtest.h>

#include <set>

#include "core/wasm/op.h"
#include "fuzz/gen/module_gen.h"
#include "fuzz/mutate/mutator.h"
#include "tests/kit/module_builder.h"

namespace cordon::fuzz {
namespace {

using testing::ModuleBuilder;
using testing::WasmBytes;

TEST(Pieces, WrittenAgainTheyAreTheModule) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    const std::vector<uint8_t> module = generate(bytes_of_seed(seed));
    const Pieces pieces = cut(module);
    EXPECT_EQ(pieces.write(), module) << "seed " << seed;
    EXPECT_TRUE(pieces.rest.empty());
  }
}

TEST(Pieces, WhatIsNoModuleStaysAsItIs) {
  const ByteString strange[] = {{},
                                {0, 'a'},
                                {0, 'a', 's', 'm', 1, 0, 0, 0, 1},
                                {0, 'a', 's', 'm', 1, 0, 0, 0, 10, 3, 1, 9, 0}};
  for (const ByteString& bytes : strange) EXPECT_EQ(cut(bytes).write(), bytes);
}

TEST(Pieces, ASizeThatLiesIsWrittenSo) {
  ModuleBuilder module;
  module.func({}, WasmBytes());
  Pieces pieces = cut(module.build());
  Piece& body = pieces.find(testing::kCodeSection)->bodies.at(0);
  ByteString with_one_more = pieces.write();
  body.size_error = 1;
  ++with_one_more[with_one_more.size() - body.bytes.size() - 1];
  EXPECT_EQ(pieces.write(), with_one_more);
}

TEST(Pieces, InstructionsBeginAfterTheLocals) {
  // Two runs of locals, then i32.const of two bytes, drop, end.
  const ByteString body{2, 1, 0x7f, 1, 0x7e, 0x41, 0x80, 1, 0x1a, 0x0b};
  EXPECT_EQ(instruction_starts(body), (std::vector<uint32_t>{5, 8, 9, 10}));
  EXPECT_EQ(instruction_starts({0, 0x41}), (std::vector<uint32_t>{1}));
}

TEST(Mutate, EachMutationChangesModules) {
  const std::vector<uint8_t> donor = generate(bytes_of_seed(2));
  const auto changes = [&](void (Mutator::*mutation)()) {
    constexpr uint64_t kTries = 100;
    for (uint64_t seed = 0; seed < kTries; ++seed) {
      const std::vector<uint8_t> bytes = bytes_of_seed(seed), module = generate(bytes);
      Choices choices(bytes);
      Mutator mutator(choices, cut(module), cut(donor));
      (mutator.*mutation)();
      if (mutator.write() != module) return true;
    }
    return false;
  };
#define MUTATION(name, weight) EXPECT_TRUE(changes(&Mutator::name)) << #name;
#include "fuzz/mutate/mutations.def"
}

TEST(Mutate, NothingIsAModuleToo) {
  const ByteString header{0, 'a', 's', 'm', 1, 0, 0, 0};
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const std::vector<uint8_t> bytes = bytes_of_seed(seed);
    Choices choices(bytes), others(bytes);
    mutate(choices, {}, {});
    mutate(others, header, {});
  }
}

TEST(Mutate, TheSameChoicesAreTheSameMutant) {
  const std::vector<uint8_t> module = generate(bytes_of_seed(1));
  std::set<ByteString> seen;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    const std::vector<uint8_t> bytes = bytes_of_seed(seed);
    Choices once(bytes), again(bytes);
    const ByteString mutant = mutate(once, module, {});
    EXPECT_EQ(mutant, mutate(again, module, {}));
    seen.insert(mutant);
  }
  EXPECT_GT(seen.size(), 40u);
}

}  // namespace
}  // namespace cordon::fuzz
