// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The generator and a short run of the target `tiers`: what a fuzzing campaign relies on.
#include <gtest/gtest.h>

#include <set>

#include "core/engine/pipeline.h"
#include "fuzz/gen/module_gen.h"
#include "fuzz/oracle/find.h"
#include "fuzz/oracle/observe.h"
#include "fuzz/oracle/reach.h"

namespace cordon::fuzz {
namespace {

#ifdef CORDON_SANITIZED
constexpr uint64_t kSeeds = 150;
#else
constexpr uint64_t kSeeds = 2000;
#endif
// Enough for every row, the rare ones too; these modules are not run.
constexpr uint64_t kSeedsOfRows = 4000;

std::vector<uint8_t> module_of(uint64_t seed) { return generate(bytes_of_seed(seed)); }

TEST(Generator, ModulesAreValidAndReachEveryRow) {
  constexpr Families kKinds[] = {Vectors::None, Vectors::Exact, Vectors::All, kEverything};
  Reach reach;
  for (uint64_t seed = 0; seed < kSeedsOfRows; ++seed) {
    const Families families = kKinds[seed % std::size(kKinds)];
    const std::vector<uint8_t> module = generate(bytes_of_seed(seed), families);
    const Result<engine::LoadedModule> loaded = engine::load(module);
    ASSERT_TRUE(loaded.has_value()) << "seed " << seed << ": " << loaded.error().message();
    reach.count(module);
  }
  for (const std::string& name : reach.missing(wasm::Features::all()))
    ADD_FAILURE() << name << " was never generated";
}

// Two runs of the interpreter see the same, vectors at the border included, and few end early.
TEST(Generator, ModulesWithVectorsRunToTheirEnds) {
  uint64_t calls = 0, trapped = 0;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    const std::vector<uint8_t> module = generate(bytes_of_seed(seed), Vectors::All);
    const Observation first = observe(engine::Engine::Interp, module);
    const Observation again = observe(engine::Engine::Interp, module);
    ASSERT_EQ(first_difference(first, again), std::nullopt) << "seed " << seed;
    ASSERT_EQ(first.refused, "") << "seed " << seed;
    for (const SeenCall& call : first.calls) {
      ++calls;
      trapped += call.trap != Trap::none ? 1 : 0;
    }
  }
  EXPECT_GT(calls, 5 * kSeeds);
  EXPECT_GT(trapped, 0U);
  EXPECT_LT(trapped, calls * 3 / 4);
}

// Twins, if they link, differ in their encoding of exceptions alone: they run alike, except for the
// offsets in their bytes and what those cost.
TEST(Generator, TwinsRunAlike) {
  constexpr Families kLegacy(Vectors::All, true, Exceptions::Legacy, true);
  constexpr Families kStandard(Vectors::All, true, Exceptions::Standard, true);
  uint64_t other = 0, ends[3] = {};
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    const std::vector<uint8_t> a = generate(bytes_of_seed(seed), kLegacy);
    const std::vector<uint8_t> b = generate(bytes_of_seed(seed), kStandard);
    if (a == b) continue;
    ++other;
    Observation legacy = observe(engine::Engine::Interp, a, Bounds::Far);
    Observation standard = observe(engine::Engine::Interp, b, Bounds::Far);
    for (Observation* seen : {&legacy, &standard}) {
      for (SeenCall& call : seen->calls) call.frames.clear();
    }
    ASSERT_EQ(first_difference(legacy, standard), std::nullopt) << "seed " << seed;
    for (const SeenCall& call : legacy.calls) {
      ++ends[call.trap == Trap::none ? 0 : call.trap == Trap::uncaught_exception ? 1 : 2];
    }
  }
  EXPECT_GT(other, kSeeds / 5);
  EXPECT_GT(ends[0], ends[1] + ends[2]);  // most return
  EXPECT_GT(ends[1], 0U);
}

TEST(Generator, NoBytesAndFewBytesAreAModuleToo) {
  for (size_t size = 0; size < 64; ++size) {
    std::vector<uint8_t> bytes(size, static_cast<uint8_t>(size * 37));
    const std::vector<uint8_t> module = generate(bytes);
    const Result<engine::LoadedModule> loaded = engine::load(module);
    EXPECT_TRUE(loaded.has_value()) << size << " bytes: " << loaded.error().message();
  }
}

TEST(Generator, TheSameBytesAreTheSameModuleAndOthersAnother) {
  std::set<std::vector<uint8_t>> seen;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    const std::vector<uint8_t> module = module_of(seed);
    EXPECT_EQ(module, module_of(seed));
    seen.insert(module);
  }
  EXPECT_EQ(seen.size(), 50u);
}

// [D1] A run that only traps, or never does, would show little.
TEST(Tiers, AgreeOnGeneratedModules) {
  uint64_t fuel_exhausted = 0, calls = 0, trapped = 0, host_calls = 0, deep = 0;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    const Comparison comparison = compare(module_of(seed));
    ASSERT_FALSE(comparison.finding.has_value()) << "seed " << seed << ": " << *comparison.finding;
    host_calls += comparison.first.host_calls.size();
    for (const SeenCall& call : comparison.first.calls) {
      ++calls;
      trapped += call.trap != Trap::none ? 1 : 0;
      fuel_exhausted += call.trap == Trap::fuel_exhausted ? 1 : 0;
      deep += call.frames.size() > 1 ? 1 : 0;
      // Every run ends by itself; the stack of a budgeted run is never all used.
      EXPECT_NE(call.trap, Trap::call_stack_exhausted) << "seed " << seed;
    }
  }
  EXPECT_LT(trapped, calls * 7 / 10);
  EXPECT_GT(trapped, calls / 20);
  EXPECT_GT(fuel_exhausted, 0u);
  EXPECT_LT(fuel_exhausted, calls / 4);
  EXPECT_GT(deep, 0u);
  EXPECT_GT(host_calls, kSeeds / 2);
}

}  // namespace
}  // namespace cordon::fuzz
