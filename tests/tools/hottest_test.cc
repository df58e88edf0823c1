// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The hottest places of a jailed guest, as the report has them.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/tools/jailed_run.h"

namespace cordon::supervisor {
namespace {

using testing::ModuleBuilder;
using testing::WasmBytes;
using enum wasm::Op;
using wasm::ExternKind;
using wasm::ValType;

class HottestTest : public JailedRun {
 protected:
  static RunRequest asking(protocol::Engine engine = protocol::Engine::Interp,
                           std::optional<uint64_t> fuel = {}) {
    RunRequest request;
    request.hotness = true;
    request.engine = engine;
    request.fuel = fuel;
    return request;
  }

  // Counts down from `rounds`, in a function of this name.
  static ModuleBuilder spinning(int32_t rounds, std::string_view name) {
    ModuleBuilder module;
    const WasmBytes body = WasmBytes()
                               .i32_const(rounds)
                               .local_set(0)
                               .block(loop)
                               .local_get(0)
                               .i32_const(1)
                               .op(i32_sub)
                               .local_tee(0)
                               .br_if(0)
                               .end();
    const uint32_t func = module.func({}, body, {{1, ValType::i32}});
    module.export_("f", ExternKind::Func, func);
    module.func_name(func, name);
    return module;
  }
};

TEST_F(HottestTest, ALoopIsToldWithItsPlaceAndItsFuel) {
  const RunReport report = run(spinning(1'000'000, "spin"), asking());
  EXPECT_EQ(report.end, RunEnd::Exited) << report.text;
  ASSERT_EQ(report.hottest.size(), 1u);
  EXPECT_EQ(report.hottest[0].name, "spin");
  EXPECT_TRUE(report.hottest[0].is_loop);
  EXPECT_GT(report.hottest[0].module_offset, 8u);
  EXPECT_NEAR(static_cast<double>(report.hottest[0].fuel), 5e6, 3e4);
}

TEST_F(HottestTest, ItIsToldAfterATrapToo) {
  const RunReport report = run(spinning(-1, "spin"), asking({}, 1'000'000));
  EXPECT_EQ(report.end, RunEnd::Trapped);
  EXPECT_EQ(report.limit, protocol::LimitHit::Fuel);
  ASSERT_EQ(report.hottest.size(), 1u);
  EXPECT_NEAR(static_cast<double>(report.hottest[0].fuel), 1e6, 3e4);
}

TEST_F(HottestTest, NobodyAskedAndNothingIsInterpretedGiveNone) {
  EXPECT_TRUE(run(spinning(1'000'000, "spin"), {}).hottest.empty());
  const RunReport native = run(spinning(1'000'000, "spin"), asking(protocol::Engine::Jit));
  EXPECT_EQ(native.end, RunEnd::Exited) << native.text;
  EXPECT_TRUE(native.hottest.empty());
}

// [P1] [L1] As many places with names as long as a module can make them: the verdict still fits.
TEST_F(HottestTest, LongNamesAndManyPlacesFitIntoTheVerdict) {
  ModuleBuilder module;
  WasmBytes calls;
  for (uint32_t i = 0; i < 40; ++i) {
    const WasmBytes body = WasmBytes().i32_const(100'000).local_set(0).block(loop).local_get(0);
    module.func({}, WasmBytes(body).i32_const(1).op(i32_sub).local_tee(0).br_if(0).end(),
                {{1, ValType::i32}});
    module.func_name(i, std::string(100'000, static_cast<char>('a' + i % 26)));
    calls.call(i);
  }
  module.export_("f", ExternKind::Func, module.func({}, calls));
  const RunReport report = run(module, asking());
  EXPECT_EQ(report.end, RunEnd::Exited) << report.text;
  EXPECT_EQ(report.hottest.size(), size_t{protocol::kMaxHottest});
  EXPECT_TRUE(
      std::ranges::is_sorted(report.hottest, std::ranges::greater{}, &protocol::HotPlace::fuel));
  EXPECT_EQ(report.hottest[0].name.size(), size_t{protocol::kMaxName});
}

}  // namespace
}  // namespace cordon::supervisor
