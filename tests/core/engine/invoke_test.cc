// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/engine/invoke.h"

#include "core/engine/diagnostics.h"
#include "core/engine/trap_report.h"
#include "tests/kit/world_fixture.h"

namespace cordon::engine {
namespace {

using wasm::Op;
using wasm::ValType;

// A host function: adds its two i32 and counts its calls in env.
Trap add(void* env, runtime::HostCall&, const uint64_t* args, uint64_t* results) {
  ++*static_cast<int*>(env);
  results[0] = static_cast<uint32_t>(args[0] + args[1]);
  return Trap::none;
}

Trap give_up(void*, runtime::HostCall&, const uint64_t*, uint64_t*) { return Trap::host_exit; }

class Invoke : public testing::WorldTest {
 protected:
  std::string refusal(const runtime::Instance& instance, std::string_view name,
                      std::vector<Value> arguments) {
    auto outcome = invoke(execution, instance, name, arguments);
    return outcome ? "" : outcome.error().message();
  }
};

TEST_F(Invoke, TakesAndGivesSeveralValuesInOrder) {
  ModuleBuilder module;
  uint32_t swap = module.func({{ValType::i32, ValType::f64}, {ValType::f64, ValType::i32}},
                              WasmBytes().local_get(1).local_get(0));
  module.export_("swap", wasm::ExternKind::Func, swap);
  runtime::Instance& instance = instantiate(module);
  EXPECT_EQ(result(instance, "swap", {Value::i32(7), Value::f64(0.5)}), "f64:0.5 i32:7");
}

TEST_F(Invoke, ACallThatCanNotBeMadeIsRefused) {
  ModuleBuilder module;
  module.memory({1});
  module.export_("memory", wasm::ExternKind::Memory, 0);
  module.export_("f", wasm::ExternKind::Func, module.func({{ValType::i32}, {}}, {}));
  runtime::Instance& instance = instantiate(module);
  EXPECT_EQ(refusal(instance, "g", {}), "no export is called \"g\"; functions exported: \"f\"");
  EXPECT_EQ(refusal(instance, "memory", {}),
            "the export \"memory\" is no function but memory {min 1}");
  EXPECT_EQ(refusal(instance, "f", {}), "wrong number of arguments: 0 for func [i32] -> []");
  EXPECT_EQ(refusal(instance, "f", {Value::i64(1)}),
            "wrong type of argument: i64:1 for func [i32] -> []");
  EXPECT_EQ(refusal(instance, "f", {Value::i32(1)}), "");
}

// [L1] However many exports there are, and however long their names.
TEST_F(Invoke, WhatCouldBeCalledIsListedInShort) {
  ModuleBuilder none, many;
  none.memory({1});
  none.export_("memory", wasm::ExternKind::Memory, 0);
  EXPECT_EQ(refusal(instantiate(none), "g", {}),
            "no export is called \"g\", and no function is exported");
  const uint32_t func = many.func({}, {});
  many.export_(std::string(10'000, 'x'), wasm::ExternKind::Func, func);
  for (int i = 0; i < 1000; ++i) {
    many.export_("f" + std::to_string(i), wasm::ExternKind::Func, func);
  }
  const std::string text = refusal(instantiate(many), "g", {});
  EXPECT_LT(text.size(), 300U);
  EXPECT_TRUE(text.ends_with("\"f5\", \"f6\" and 993 more")) << text;
}

TEST_F(Invoke, ReadsArgumentsByTheFunctionsType) {
  wasm::FuncType type{{ValType::i32, ValType::f32}, {}};
  auto values = parse_arguments(type, std::vector<std::string>{"-1", "1.5"});
  ASSERT_TRUE(values);
  EXPECT_EQ(*values, (std::vector<Value>{Value::i32(UINT32_MAX), Value::f32(1.5F)}));
  EXPECT_FALSE(parse_arguments(type, std::vector<std::string>{"-1"}));
  EXPECT_FALSE(parse_arguments(type, std::vector<std::string>{"1.5", "1.5"}));
}

TEST_F(Invoke, HostFunctionsAreCalledThroughTheGuestAndDirectly) {
  int calls = 0;
  wasm::FuncType type{{ValType::i32, ValType::i32}, {ValType::i32}};
  linker.define_func("host", "add", type, add, &calls);
  ModuleBuilder module;
  uint32_t import = module.import_func("host", "add", type);
  uint32_t twice = module.func({{ValType::i32}, {ValType::i32}},
                               WasmBytes().local_get(0).local_get(0).call(import));
  module.export_("twice", wasm::ExternKind::Func, twice);
  module.export_("add", wasm::ExternKind::Func, import);
  runtime::Instance& instance = instantiate(module);
  EXPECT_EQ(result(instance, "twice", {Value::i32(21)}), "i32:42");
  EXPECT_EQ(result(instance, "add", {Value::i32(1), Value::i32(UINT32_MAX)}), "i32:0");
  EXPECT_EQ(calls, 2);
}

TEST_F(Invoke, AHostFunctionCanEndTheRun) {
  linker.define_func("host", "exit", {{}, {}}, give_up, nullptr);
  ModuleBuilder module;
  uint32_t import = module.import_func("host", "exit", {{}, {}});
  module.export_("f", wasm::ExternKind::Func,
                 module.func({{}, {ValType::i32}}, WasmBytes().call(import).i32_const(1)));
  runtime::Instance& instance = instantiate(module);
  Outcome outcome = call(instance, "f");
  EXPECT_EQ(outcome.trap, Trap::host_exit);
  EXPECT_TRUE(outcome.results.empty());
}

TEST_F(Invoke, EndlessRecursionExhaustsTheStackAndTheNextCallIsFine) {  // [S1]
  ModuleBuilder module;
  uint32_t runaway = module.func({{}, {}}, WasmBytes().call(0));
  uint32_t fine = module.func({{}, {ValType::i32}}, WasmBytes().i32_const(1));
  module.export_("runaway", wasm::ExternKind::Func, runaway);
  module.export_("fine", wasm::ExternKind::Func, fine);
  runtime::Instance& instance = instantiate(module);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(result(instance, "runaway"), "trap: call stack exhausted");
    EXPECT_EQ(result(instance, "fine"), "i32:1");
  }
  EXPECT_LE(execution.trace.size(), runtime::Execution::kMaxTrace);
}

TEST_F(Invoke, FuelEndsAnEndlessLoopAndStaysSpent) {  // [L1]
  ModuleBuilder module;
  uint32_t loop = module.func({{}, {}}, WasmBytes().block(Op::loop).br(0).end());
  module.export_("loop", wasm::ExternKind::Func, loop);
  runtime::Instance& instance = instantiate(module);
  execution.fuel = 100'000;
  EXPECT_EQ(result(instance, "loop"), "trap: all fuel consumed");
  EXPECT_LT(execution.fuel, 0);
  EXPECT_EQ(result(instance, "loop"), "trap: all fuel consumed");
}

TEST_F(Invoke, TrapsAreReportedWithNamesAndOffsets) {
  ModuleBuilder module;
  uint32_t inner = module.func({{ValType::i32}, {ValType::i32}},
                               WasmBytes().i32_const(1).local_get(0).op(Op::i32_div_s));
  uint32_t outer = module.func({{}, {ValType::i32}}, WasmBytes().i32_const(0).call(inner));
  module.export_("outer", wasm::ExternKind::Func, outer);
  module.func_name(inner, "divide");
  runtime::Instance& instance = instantiate(module);
  Outcome outcome = call(instance, "outer");
  TrapReport report = make_trap_report(outcome.trap, execution);
  EXPECT_EQ(report.text, "integer divide by zero");
  ASSERT_EQ(report.frames.size(), 2U);
  EXPECT_EQ(report.frames[0].func_index, inner);
  EXPECT_EQ(report.frames[0].name, "divide");
  EXPECT_EQ(report.frames[1].func_index, outer);
  EXPECT_EQ(report.frames[1].name, "");
  const wasm::Module& decoded = instance.module->module();
  // After `i32.const 1` and `local.get 0`; after `i32.const 0`.
  EXPECT_EQ(report.frames[0].module_offset, decoded.bodies[0].code.offset + 4);
  EXPECT_EQ(report.frames[1].module_offset, decoded.bodies[1].code.offset + 2);
  EXPECT_TRUE(report.to_text().starts_with("integer divide by zero\n  0: func 0 $divide at offset"))
      << report.to_text();
}

TEST_F(Invoke, ATraceCoversInstancesAndStaysShort) {
  ModuleBuilder exporter;
  exporter.export_("fail", wasm::ExternKind::Func,
                   exporter.func({{}, {}}, WasmBytes().op(Op::unreachable)));
  exporter.func_name(0, "failing");
  linker.define_instance("other", instantiate(exporter));
  ModuleBuilder importer;
  uint32_t foreign = importer.import_func("other", "fail", {{}, {}});
  // Recurses `depth` times before it calls the other instance.
  uint32_t dig = importer.func({{ValType::i32}, {}}, WasmBytes()
                                                         .local_get(0)
                                                         .block(Op::if_)
                                                         .local_get(0)
                                                         .i32_const(1)
                                                         .op(Op::i32_sub)
                                                         .call(1)
                                                         .op(Op::else_)
                                                         .call(foreign)
                                                         .end());
  importer.export_("dig", wasm::ExternKind::Func, dig);
  importer.func_name(dig, "dig");
  runtime::Instance& instance = instantiate(importer);
  EXPECT_EQ(result(instance, "dig", {Value::i32(1000)}), "trap: unreachable");
  TrapReport report = make_trap_report(Trap::unreachable, execution);
  ASSERT_EQ(report.frames.size(), runtime::Execution::kMaxTrace);
  EXPECT_EQ(report.frames[0].name, "failing");
  EXPECT_EQ(report.frames[1].name, "dig");
  EXPECT_EQ(report.frames.back().name, "dig");
  EXPECT_EQ(result(instance, "dig", {Value::i32(0)}), "trap: unreachable");
  EXPECT_EQ(execution.trace.size(), 2U);
}

}  // namespace
}  // namespace cordon::engine
