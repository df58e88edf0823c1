// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What is hot is found, however many places there are; and handing out fuel in slices changes
// nothing of what a run costs and where it ends [D1].
#include "core/runtime/hotness.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/kit/world.h"

namespace cordon::interp {
namespace {

using testing::Guest;
using testing::ModuleBuilder;
using testing::WasmBytes;
using testing::World;
using enum wasm::Op;
using runtime::Hotness;
using runtime::HotSpot;
using wasm::ExternKind;
using wasm::ValType;

constexpr ValType kI = ValType::i32;
constexpr uint64_t kManySlices = 100 * Hotness::kMeanSlice;

// A loop that counts local `local` down to 0, `padding` instructions longer than it must be.
WasmBytes count_down(uint32_t local, uint32_t padding) {
  return WasmBytes()
      .block(loop)
      .repeat(padding, WasmBytes().op(nop))
      .local_get(local)
      .i32_const(1)
      .op(i32_sub)
      .local_tee(local)
      .br_if(0)
      .end();
}
constexpr uint64_t kRound = 5;  // without padding

std::vector<HotSpot> hottest(const World& world) { return world.execution.hotness.hottest(16); }

// What `call` takes of plenty of fuel.
uint64_t cost(World& world, const Guest& guest, std::vector<uint64_t> args) {
  world.execution.fuel = runtime::Execution::kUnlimitedFuel;
  EXPECT_EQ(guest.call("f", std::move(args)).trap, Trap::none);
  return static_cast<uint64_t>(runtime::Execution::kUnlimitedFuel - world.execution.fuel);
}

// [D1] As if there were no slices: exactly `all` is enough, one less is not, and what is left is
// what the charge that did not fit left.
void expect_exact(World& world, const Guest& guest, const std::vector<uint64_t>& args,
                  uint64_t all) {
  EXPECT_EQ(cost(world, guest, args), all);
  for (int i = 0; i < 20; ++i) {  // slices are cut elsewhere each time
    world.execution.fuel = static_cast<int64_t>(all);
    EXPECT_EQ(guest.call("f", args).trap, Trap::none);
    EXPECT_EQ(world.execution.fuel, 0);
    world.execution.fuel = static_cast<int64_t>(all) - 1;
    EXPECT_EQ(guest.call("f", args).trap, Trap::fuel_exhausted);
    EXPECT_EQ(world.execution.fuel, -1);
  }
}

TEST(Slices, ALoopCostsWhatItCosts) {
  World world;
  ModuleBuilder module;
  module.export_("f", ExternKind::Func, module.func({{kI}, {}}, count_down(0, 0)));
  const Guest guest(world, module);
  const uint64_t rounds = kManySlices / kRound;
  expect_exact(world, guest, {rounds}, 1 + rounds * kRound);
}

// f(n): if n != 0, f(n - 1) twice.
TEST(Slices, CallsCostWhatTheyCost) {
  World world;
  ModuleBuilder module;
  const WasmBytes half = WasmBytes().local_get(0).i32_const(1).op(i32_sub).call(0);
  const WasmBytes body = WasmBytes().local_get(0).block(if_).append(half).append(half).end();
  module.export_("f", ExternKind::Func, module.func({{kI}, {}}, body));
  const Guest guest(world, module);
  expect_exact(world, guest, {16}, ((1u << 17) - 1) * 10);
}

TEST(Slices, BulkInstructionsAndCallsOfTheHostCostWhatTheyCost) {
  World world;
  world.linker.define_func(
      "env", "f", {{}, {}},
      [](void*, runtime::HostCall&, const uint64_t*, uint64_t*) { return Trap::none; }, nullptr);
  ModuleBuilder module;
  module.import_func("env", "f", {{}, {}});
  module.memory({1, 1});
  const WasmBytes body = WasmBytes()
                             .block(loop)
                             .call(0)
                             .i32_const(0)
                             .i32_const(0)
                             .i32_const(4096)
                             .op(memory_fill)
                             .u8(0)
                             .local_get(0)
                             .i32_const(1)
                             .op(i32_sub)
                             .local_tee(0)
                             .br_if(0)
                             .end();
  module.export_("f", ExternKind::Func, module.func({{kI}, {}}, body));
  const Guest guest(world, module);
  const uint64_t once = cost(world, guest, {1}), twice = cost(world, guest, {2});
  ASSERT_GT(twice, once + 10);
  expect_exact(world, guest, {1000}, once + 999 * (twice - once));
}

TEST(Hotness, LoopsAreNotedInProportionToTheirWork) {
  World world;
  ModuleBuilder module;
  const WasmBytes body = count_down(0, 0).append(count_down(1, 3 * kRound));
  module.func({}, {});
  module.export_("f", ExternKind::Func, module.func({{kI, kI}, {}}, body));
  const Guest guest(world, module);
  const uint64_t rounds = kManySlices / kRound;
  const auto all = static_cast<double>(cost(world, guest, {rounds, rounds}));
  const std::vector<HotSpot> spots = hottest(world);
  ASSERT_EQ(spots.size(), 2u);
  for (const HotSpot& spot : spots) EXPECT_EQ(spot.func, &guest.func("f"));
  EXPECT_EQ(spots[0].loop, 1u);
  EXPECT_EQ(spots[1].loop, 0u);
  EXPECT_NEAR(static_cast<double>(spots[0].fuel) / all, 0.8, 0.02);
  EXPECT_NEAR(static_cast<double>(spots[1].fuel) / all, 0.2, 0.02);
}

// A period that divides the mean slice: without slices of different lengths one of the two would
// have all.
TEST(Hotness, NoRhythmHidesALoop) {
  World world;
  ModuleBuilder module;
  const WasmBytes inner = WasmBytes().i32_const(100).local_set(1).append(count_down(1, 0));
  module.func({}, {});
  const WasmBytes body = WasmBytes()
                             .block(loop)
                             .append(inner)
                             .append(inner)
                             .local_get(0)
                             .i32_const(1)
                             .op(i32_sub)
                             .local_tee(0)
                             .repeat(1024 - 2 * (5 + 100 * kRound) - 5, WasmBytes().op(nop))
                             .br_if(0)
                             .end();
  module.export_("f", ExternKind::Func, module.func({{kI}, {}}, body, {{1, kI}}));
  const Guest guest(world, module);
  cost(world, guest, {4 * kManySlices / 1024});
  std::map<uint32_t, double> fuel;
  for (const HotSpot& spot : hottest(world)) fuel[spot.loop] = static_cast<double>(spot.fuel);
  ASSERT_GT(fuel[1], 0);
  EXPECT_NEAR(fuel[2] / fuel[1], 1, 0.3);
}

TEST(Hotness, FunctionsAreNotedByTheirEntries) {
  World world;
  ModuleBuilder module;
  const uint32_t small = module.func({}, WasmBytes().repeat(10, WasmBytes().op(nop)));
  const uint32_t large = module.func({}, WasmBytes().repeat(90, WasmBytes().op(nop)));
  const WasmBytes body =
      WasmBytes().call(small).call(large).local_get(0).i32_const(1).op(i32_sub).local_tee(0);
  module.export_("f", ExternKind::Func,
                 module.func({{kI}, {}}, WasmBytes().block(loop).append(body).br_if(0).end()));
  module.export_("large", ExternKind::Func, large);
  const Guest guest(world, module);
  const auto all = static_cast<double>(cost(world, guest, {4 * kManySlices / 107}));
  const std::vector<HotSpot> spots = hottest(world);
  ASSERT_FALSE(spots.empty());
  EXPECT_EQ(spots[0].func, &guest.func("large"));
  EXPECT_EQ(spots[0].loop, HotSpot::kEntry);
  EXPECT_NEAR(static_cast<double>(spots[0].fuel) / all, 90.0 / 107, 0.05);
}

// [L1] Far more places than the table has: what it keeps is the hot one.
TEST(Hotness, ManyPlacesTakeNoMoreRoomAndHideNothing) {
  World world;
  ModuleBuilder module;
  constexpr uint32_t kFuncs = 2000;
  for (uint32_t i = 0; i < kFuncs; ++i) module.func({{kI}, {}}, count_down(0, 0));
  WasmBytes body;
  for (uint32_t i = 0; i < kFuncs; ++i) {
    body.i32_const(Hotness::kMeanSlice / 4).call(i);
    body.i32_const(Hotness::kMeanSlice / 4).call(17);
  }
  module.export_("f", ExternKind::Func, module.func({}, body));
  module.export_("hot", ExternKind::Func, 17);
  const Guest guest(world, module);
  cost(world, guest, {});
  const std::vector<HotSpot> all = world.execution.hotness.hottest(kFuncs);
  EXPECT_LE(all.size(), 512u);
  ASSERT_FALSE(all.empty());
  EXPECT_EQ(all[0].func, &guest.func("hot"));
}

// Without a report: the same is charged, and nothing is recorded.
TEST(Hotness, OfARunThatNobodyAsksAboutIsEmpty) {
  ModuleBuilder module;
  module.export_("f", ExternKind::Func, module.func({{kI}, {}}, count_down(0, 0)));
  World asked, unasked;
  unasked.execution.hotness.stop();
  const Guest one(asked, module), other(unasked, module);
  const uint64_t all = cost(asked, one, {kManySlices});
  EXPECT_EQ(cost(unasked, other, {kManySlices}), all);
  EXPECT_FALSE(hottest(asked).empty());
  EXPECT_TRUE(hottest(unasked).empty());
  expect_exact(unasked, other, {1000}, cost(asked, one, {1000}));
}

TEST(Hotness, IsTheSameInEveryRun) {
  ModuleBuilder module;
  const WasmBytes body = count_down(0, 0).append(count_down(1, 7));
  module.export_("f", ExternKind::Func, module.func({{kI, kI}, {}}, body));
  std::vector<std::vector<uint64_t>> fuel;
  for (int i = 0; i < 2; ++i) {
    World world;
    const Guest guest(world, module);
    cost(world, guest, {kManySlices, kManySlices});
    fuel.emplace_back();
    for (const HotSpot& spot : hottest(world)) fuel.back().push_back(spot.fuel);
  }
  EXPECT_EQ(fuel[0], fuel[1]);
  EXPECT_EQ(fuel[0].size(), 2u);
}

}  // namespace
}  // namespace cordon::interp
