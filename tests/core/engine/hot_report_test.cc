// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/engine/hot_report.h"

#include "tests/kit/world_fixture.h"

namespace cordon::engine {
namespace {

using enum wasm::Op;
using wasm::ExternKind;
using wasm::ValType;
using HotReportTest = testing::WorldTest;

// The second of two loops, after a constant that contains the opcode of `loop`.
TEST_F(HotReportTest, NamesTheFunctionAndFindsTheLoop) {
  ModuleBuilder module;
  module.import_func("env", "f", {{}, {}});
  linker.define_func(
      "env", "f", {{}, {}},
      [](void*, runtime::HostCall&, const uint64_t*, uint64_t*) { return Trap::none; }, nullptr);
  const WasmBytes before =
      WasmBytes().block(loop).end().i64_const(0x0303030303030303).op(drop).i32_const(3).op(drop);
  const WasmBytes around = WasmBytes(before)
                               .block(loop)
                               .local_get(0)
                               .i32_const(1)
                               .op(i32_sub)
                               .local_tee(0)
                               .br_if(0)
                               .end();
  const uint32_t func = module.func({{ValType::i32}, {}}, around);
  module.export_("f", ExternKind::Func, func);
  module.func_name(func, "spin");
  const runtime::Instance& instance = instantiate(module);
  EXPECT_TRUE(make_hot_report(execution, 16).empty());
  call(instance, "f", {{ValType::i32, 1'000'000}});
  const std::vector<HotPlace> report = make_hot_report(execution, 16);
  ASSERT_EQ(report.size(), 1u);
  EXPECT_EQ(report[0].func_index, func);
  EXPECT_EQ(report[0].name, "spin");
  EXPECT_TRUE(report[0].is_loop);
  const uint32_t body = instance.module->funcs()[0].body().code.offset;
  EXPECT_EQ(report[0].module_offset, body + before.span().size());
  EXPECT_NEAR(static_cast<double>(report[0].fuel), 5e6, 3e4);
  EXPECT_TRUE(make_hot_report(execution, 0).empty());
}

// Calls itself without end.
TEST_F(HotReportTest, TellsEntriesAlsoAfterATrap) {
  ModuleBuilder module;
  const WasmBytes body = WasmBytes().repeat(100, WasmBytes().op(nop)).call(0);
  module.export_("f", ExternKind::Func, module.func({}, body));
  const runtime::Instance& instance = instantiate(module);
  EXPECT_EQ(call(instance, "f").trap, Trap::call_stack_exhausted);
  const std::vector<HotPlace> report = make_hot_report(execution, 16);
  ASSERT_EQ(report.size(), 1u);
  EXPECT_FALSE(report[0].is_loop);
  EXPECT_EQ(report[0].name, "");
  EXPECT_EQ(report[0].module_offset, instance.module->funcs()[0].body().code.offset);
}

}  // namespace
}  // namespace cordon::engine
