// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The engine auto across its processes: a guest starts interpreted, what is hot becomes native
// while it runs, and nothing that it can observe differs ([D1] [L1] [V1]).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/kit/sanitized.h"
#include "tests/tools/jailed_run.h"

namespace cordon::supervisor {
namespace {

using ::testing::HasSubstr;
using testing::ModuleBuilder;
using testing::WasmBytes;
using enum wasm::Op;
using protocol::Engine;
using wasm::ExternKind;
using wasm::ValType;

// "f" calls step(i) `rounds` times and returns a hash of what that gave; a function that nobody
// calls stays cold.
ModuleBuilder stepping(int32_t rounds, bool traps = false) {
  ModuleBuilder module;
  WasmBytes mix =
      WasmBytes().local_get(0).i32_const(0x9e3779b1).op(i32_mul).local_get(0).i32_const(15);
  mix.op(i32_shr_u).op(i32_xor).i32_const(7).op(i32_rotl);
  // At the last round, by a division, if it is to trap.
  if (traps) mix.i32_const(1).local_get(0).i32_const(1).op(i32_sub).op(i32_div_u).op(i32_add);
  const uint32_t step = module.func({{ValType::i32}, {ValType::i32}}, mix);
  module.func({{ValType::i32}, {ValType::i32}}, mix);
  WasmBytes loop_of_calls = WasmBytes().i32_const(rounds).local_set(0).block(loop).local_get(1);
  loop_of_calls.local_get(0).call(step).op(i32_add).i32_const(3).op(i32_rotl).local_set(1);
  loop_of_calls.local_get(0).i32_const(1).op(i32_sub).local_tee(0).br_if(0).end().local_get(1);
  module.export_("f", ExternKind::Func,
                 module.func({{}, {ValType::i32}}, loop_of_calls, {{2, ValType::i32}}));
  return module;
}

class AutoTest : public JailedRun {
 protected:
  RunReport run(const ModuleBuilder& module, Engine engine, std::optional<uint64_t> fuel = {},
                std::optional<uint64_t> hot_fuel = {}) {
    RunRequest request;
    request.engine = engine;
    request.fuel = fuel;
    request.hot_fuel = hot_fuel;
    return JailedRun::run(module, request);
  }
};

constexpr int32_t kMany = 30'000'000;

TEST_F(AutoTest, WhatIsHotBecomesNativeWhileTheGuestRuns) {  // [D1]
  const RunReport interpreted = run(stepping(kMany), Engine::Interp);
  const RunReport report = run(stepping(kMany), Engine::Auto);
  EXPECT_EQ(report.end, RunEnd::Exited) << report.text;
  EXPECT_EQ(report.output, interpreted.output);
  EXPECT_EQ(report.interpreted_for, "");
  EXPECT_GE(report.switched.requested, 1u);
  EXPECT_GE(report.switched.pieces, 1u);
  EXPECT_GE(report.code_funcs, 1u);
  EXPECT_GT(report.code_bytes, 0u);
  EXPECT_GT(report.switched.first_ns, 0u);
  EXPECT_LT(report.switched.first_ns, report.run_ns);
  EXPECT_GE(report.switched.cold_funcs, 1u);
  EXPECT_EQ(report.switched.cold_funcs + report.code_funcs, 3u);
  EXPECT_GT(report.compile_ns, 0u);
  EXPECT_GT(report.verify_ns, 0u);
  EXPECT_LT(report.run_ns, interpreted.run_ns);
}

TEST_F(AutoTest, AShortRunStartsNoCompileWorker) {
  const RunReport report = run(stepping(10), Engine::Auto);
  EXPECT_EQ(report.end, RunEnd::Exited) << report.text;
  EXPECT_EQ(report.switched.requested, 0u);
  EXPECT_EQ(report.compile_ns, 0u);
  EXPECT_EQ(report.code_funcs, 0u);
  EXPECT_EQ(report.interpreted_for, "");
}

TEST_F(AutoTest, FuelAndTrapsDoNotDependOnTheMoment) {  // [D1] [L1]
  constexpr uint64_t kMuch = uint64_t{1} << 40, kLittle = 20'000'001;
  for (const std::optional<uint64_t> hot_fuel :
       {std::optional<uint64_t>(), {0}, {1}, {1'000'000}}) {
    for (const bool traps : {false, true}) {
      const RunReport interpreted = run(stepping(3'000'000, traps), Engine::Interp, kMuch);
      const RunReport report = run(stepping(3'000'000, traps), Engine::Auto, kMuch, hot_fuel);
      EXPECT_EQ(report.end, traps ? RunEnd::Trapped : RunEnd::Exited) << report.text;
      EXPECT_EQ(report.text, interpreted.text);
      EXPECT_EQ(report.output, interpreted.output);
      EXPECT_EQ(report.fuel_used, interpreted.fuel_used);
      EXPECT_EQ(report.frames, interpreted.frames);
      if (hot_fuel) EXPECT_GE(report.switched.requested, 1u);
    }
    const RunReport report = run(stepping(3'000'000), Engine::Auto, kLittle, hot_fuel);
    EXPECT_EQ(report.end, RunEnd::Trapped);
    EXPECT_EQ(report.limit, protocol::LimitHit::Fuel);
    EXPECT_EQ(report.fuel_used, kLittle);
  }
}

// "f" calls function 0 until it is hot. Then that calls function 1 by a table, which is not hot,
// and that one function 0 again, without end.
ModuleBuilder recursing() {
  ModuleBuilder module;
  const wasm::FuncType both{{ValType::i32}, {ValType::i32}};
  const uint32_t type = module.type(both);
  module.table({ValType::funcref, {2}});
  const auto calls = [&](int32_t other) {
    WasmBytes code = WasmBytes().local_get(0).op(i32_eqz).block(if_).i32_const(1).op(return_).end();
    code.local_get(0).i32_const(1).op(i32_sub).i32_const(other);
    return code.op(call_indirect).u32(type).u32(0).i32_const(1).op(i32_add);
  };
  const uint32_t hot = module.func(both, calls(1));
  module.elem(0, {hot, module.func(both, calls(0))});
  WasmBytes code = WasmBytes().i32_const(3'000'000).local_set(0).block(loop);
  code.i32_const(0).call(hot).op(drop);
  code.local_get(0).i32_const(1).op(i32_sub).local_tee(0).br_if(0).end().i32_const(-1).call(hot);
  module.export_("f", ExternKind::Func,
                 module.func({{}, {ValType::i32}}, code, {{1, ValType::i32}}));
  return module;
}

// The worker's own stack has room for a change of the engine in each call ([S1]): fuel shows that
// the guest's ends at the same depth.
TEST_F(AutoTest, ARecursionThroughBothEnginesIsAsDeepAsThroughOne) {  // [D1]
  if (testing::kSanitized) GTEST_SKIP() << "a sanitizer's frames are several times as large";
  constexpr uint64_t kMuch = uint64_t{1} << 40;
  const RunReport interpreted = run(recursing(), Engine::Interp, kMuch);
  const RunReport report = run(recursing(), Engine::Auto, kMuch, 5'000'000);
  EXPECT_EQ(report.end, RunEnd::Trapped) << report.text;
  EXPECT_EQ(report.text, interpreted.text);
  EXPECT_EQ(report.fuel_used, interpreted.fuel_used);
  EXPECT_EQ(report.frames, interpreted.frames);
  EXPECT_EQ(report.switched.cold_funcs, 1U);
}

// [V1] Without a compile worker to start there is no run: that is found out at once. One that takes
// too much memory is none that broke a rule.
TEST_F(AutoTest, ACompileWorkerThatIsNotThereIsReported) {
  RunRequest request;
  request.engine = Engine::Auto;
  request.module_path = "/dev/null";
  request.worker_path = CORDON_RUN_WORKER;
  request.jail = JailMode::Degraded;
  const RunReport report = supervisor::run(request);
  EXPECT_EQ(report.end, RunEnd::Lacking) << report.text;
  EXPECT_THAT(report.text, HasSubstr("cordon-compile-worker"));
}

}  // namespace
}  // namespace cordon::supervisor
