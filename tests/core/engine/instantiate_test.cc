// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/engine/instantiate.h"

#include "core/runtime/diagnostics.h"
#include "tests/kit/world_fixture.h"

namespace cordon::engine {
namespace {

using wasm::Op;
using wasm::ValType;

class Instantiate : public testing::WorldTest {
 protected:
  using WorldTest::WorldTest;
  std::string text(const runtime::Memory& memory, uint32_t at, uint32_t size) {
    return {reinterpret_cast<const char*>(memory.at(at, size)), size};
  }
};

TEST_F(Instantiate, MakesEverythingThatAModuleDeclares) {
  ModuleBuilder module;
  module.memory({1, 2, true});
  module.table({ValType::funcref, {3}});
  uint32_t func = module.func({{}, {ValType::i32}}, WasmBytes().i32_const(42));
  module.global({ValType::i64, false}, WasmBytes().i64_const(-1));
  module.global({ValType::funcref, false}, WasmBytes().op(Op::ref_func).u32(func));
  module.elem(1, {func});
  module.data(7, "seven");
  module.export_("f", wasm::ExternKind::Func, func);
  runtime::Instance& instance = instantiate(module);
  EXPECT_EQ(result(instance, "f"), "i32:42");
  EXPECT_EQ(text(*instance.memory0(), 6, 7), std::string("\0seven\0", 7));
  auto address = reinterpret_cast<uint64_t>(instance.funcs[func]);
  EXPECT_EQ(instance.tables[0]->elements()[0], 0U);
  EXPECT_EQ(instance.tables[0]->elements()[1], address);
  EXPECT_EQ(*instance.global_cells[0], UINT64_MAX);
  EXPECT_EQ(*instance.global_cells[1], address);
  EXPECT_TRUE(instance.elems[0].empty());
  EXPECT_TRUE(instance.datas[0].empty());
}

TEST_F(Instantiate, ATrapInASegmentLeavesWhatCameBefore) {
  runtime::Memory* memory = *store.add_memory({{1}});
  linker.define("m", "mem", memory);
  ModuleBuilder module;
  module.import_memory("m", "mem", {1});
  module.data(0, "first");
  module.data(65534, "out");
  module.data(10, "later");
  auto made = try_instantiate(module);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->trap, Trap::out_of_bounds_memory_access);
  EXPECT_EQ(made->where, "data segment 1");
  EXPECT_EQ(text(*memory, 0, 5), "first");
  EXPECT_EQ(text(*memory, 65534, 2), std::string(2, '\0'));
  EXPECT_EQ(text(*memory, 10, 5), std::string(5, '\0'));
  EXPECT_FALSE(made->instance->datas[1].empty());
}

TEST_F(Instantiate, ElementsComeBeforeDataAndKeepTheirInstanceAlive) {
  runtime::Table* table = *store.add_table({ValType::funcref, {4}});
  runtime::Memory* memory = *store.add_memory({{1}});
  linker.define("m", "t", table);
  linker.define("m", "mem", memory);
  ModuleBuilder module;
  module.import_table("m", "t", {ValType::funcref, {4}});
  module.import_memory("m", "mem", {1});
  uint32_t func = module.func({{}, {ValType::i32}}, WasmBytes().i32_const(1));
  module.elem(0, {func, func});
  module.elem(3, {func, func});
  module.data(0, "data");
  auto made = try_instantiate(module);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->trap, Trap::out_of_bounds_table_access);
  EXPECT_EQ(made->where, "element segment 1");
  EXPECT_EQ(table->elements()[3], 0U);
  EXPECT_EQ(text(*memory, 0, 1), std::string(1, '\0'));
  // The function in the table works, though its module's instantiation failed.
  auto* left = reinterpret_cast<runtime::Func*>(table->elements()[1]);
  ASSERT_NE(left, nullptr);
  auto outcome = invoke(execution, *left, {});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->results, std::vector<Value>{Value::i32(1)});
}

TEST_F(Instantiate, SegmentOffsetsAreUnsigned) {
  for (int32_t offset : {-1, INT32_MIN}) {
    ModuleBuilder data;
    data.memory({1});
    data.data(offset, "x");
    EXPECT_EQ(try_instantiate(data)->trap, Trap::out_of_bounds_memory_access) << offset;
    ModuleBuilder elem;
    elem.table({ValType::funcref, {1}});
    elem.elem(offset, {elem.func({{}, {}}, {})});
    EXPECT_EQ(try_instantiate(elem)->trap, Trap::out_of_bounds_table_access) << offset;
  }
}

TEST_F(Instantiate, EmptySegmentsAreCheckedToo) {
  ModuleBuilder fits;
  fits.memory({1});
  fits.data(65536, "");
  instantiate(fits);
  ModuleBuilder beyond;
  beyond.memory({1});
  beyond.data(65537, "");
  EXPECT_EQ(try_instantiate(beyond)->trap, Trap::out_of_bounds_memory_access);
}

TEST_F(Instantiate, StartRunsAfterTheSegments) {
  ModuleBuilder module;
  module.memory({1});
  module.data(0, "\x05");
  uint32_t global = module.global({ValType::i32, true}, WasmBytes().i32_const(0));
  uint32_t start = module.func(
      {{}, {}}, WasmBytes().i32_const(0).access(Op::i32_load8_u).op(Op::global_set).u32(global));
  module.start(start);
  EXPECT_EQ(*instantiate(module).global_cells[0], 5U);
}

TEST_F(Instantiate, ATrapInStartIsGivenBackWithItsBacktrace) {
  ModuleBuilder module;
  uint32_t inner = module.func({{}, {}}, WasmBytes().op(Op::unreachable));
  uint32_t start = module.func({{}, {}}, WasmBytes().call(inner));
  module.start(start);
  auto made = try_instantiate(module);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->trap, Trap::unreachable);
  EXPECT_EQ(made->where, "start function");
  ASSERT_EQ(execution.trace.size(), 2U);
  EXPECT_EQ(execution.trace[0].func, made->instance->funcs[inner]);
  EXPECT_EQ(execution.trace[1].func, made->instance->funcs[start]);
}

TEST_F(Instantiate, ExtendedConstantExpressionsWrap) {
  runtime::Global* base = *store.add_global({ValType::i32, false}, 1000);
  linker.define("m", "base", base);
  ModuleBuilder module;
  uint32_t import = module.import_global("m", "base", {ValType::i32, false});
  auto get = WasmBytes().op(Op::global_get).u32(import);
  // base - 2 * 3, and what wraps both ways
  module.global({ValType::i32, false},
                WasmBytes().append(get).i32_const(2).i32_const(3).op(Op::i32_mul).op(Op::i32_sub));
  module.global({ValType::i32, false},
                WasmBytes().i32_const(INT32_MAX).i32_const(1).op(Op::i32_add));
  module.global({ValType::i32, false}, WasmBytes().i32_const(0).i32_const(1).op(Op::i32_sub));
  module.global({ValType::i32, false},
                WasmBytes().i32_const(-1).i32_const(INT32_MIN).op(Op::i32_mul));
  module.global({ValType::i64, false},
                WasmBytes().i64_const(INT64_MIN).i64_const(1).op(Op::i64_sub));
  module.global({ValType::i64, false}, WasmBytes().i64_const(-3).i64_const(7).op(Op::i64_mul));
  module.global({ValType::i64, false}, WasmBytes().i64_const(-3).i64_const(7).op(Op::i64_add));
  runtime::Instance& instance = instantiate(module);
  const uint64_t expected[] = {
      1000, 994, 0x8000'0000, 0xffff'ffff, 0x8000'0000, INT64_MAX, static_cast<uint64_t>(-21), 4};
  ASSERT_EQ(instance.global_cells.size(), std::size(expected));
  for (size_t i = 0; i < std::size(expected); ++i) {
    EXPECT_EQ(*instance.global_cells[i], expected[i]) << i;
  }
}

TEST_F(Instantiate, FloatConstantsKeepTheirBits) {
  ModuleBuilder module;
  module.global({ValType::f32, false},
                WasmBytes().op(Op::f32_const).raw(std::vector<uint8_t>{1, 0, 0xa0, 0x7f}));
  module.global({ValType::f64, false}, WasmBytes().f64_const(-0.0));
  module.global({ValType::externref, false}, WasmBytes().op(Op::ref_null).type(ValType::externref));
  runtime::Instance& instance = instantiate(module);
  EXPECT_EQ(*instance.global_cells[0], 0x7fa00001U);  // a signaling NaN
  EXPECT_EQ(*instance.global_cells[1], uint64_t{1} << 63);
  EXPECT_EQ(*instance.global_cells[2], 0U);
}

class LimitedInstantiate : public Instantiate {
 protected:
  static Config limited() {
    Config config;
    config.store = {.max_memory_pages = 4, .max_table_elements = 100};
    config.fuel = 1000;
    return config;
  }
  LimitedInstantiate() : Instantiate(limited()) {}
};

TEST_F(LimitedInstantiate, AMemoryBeyondTheLimitIsRefused) {  // [L1]
  ModuleBuilder module;
  module.memory({5});
  auto made = try_instantiate(module);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, &runtime::diag::memory_limit);
}

TEST_F(LimitedInstantiate, ManyTablesShareOneBudget) {  // [L1]
  ModuleBuilder module;
  for (int i = 0; i < 11; ++i) module.table({ValType::externref, {10}});
  auto made = try_instantiate(module);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, &runtime::diag::table_limit);
  EXPECT_TRUE(store.hit_table_limit());
}

TEST_F(LimitedInstantiate, GrowthBeyondTheLimitEndsTheRunAndIsNoted) {  // [L1]
  ModuleBuilder module;
  module.memory({1});
  uint32_t grow = module.func({{ValType::i32}, {ValType::i32}},
                              WasmBytes().local_get(0).op(Op::memory_grow).u8(0));
  module.export_("grow", wasm::ExternKind::Func, grow);
  runtime::Instance& instance = instantiate(module);
  EXPECT_EQ(result(instance, "grow", {Value::i32(3)}), "i32:1");
  EXPECT_FALSE(store.hit_memory_limit());
  EXPECT_EQ(result(instance, "grow", {Value::i32(65536)}), "i32:-1");
  EXPECT_FALSE(store.hit_memory_limit());
  EXPECT_EQ(result(instance, "grow", {Value::i32(1)}), "trap: memory limit exceeded");
  EXPECT_TRUE(store.hit_memory_limit());
  EXPECT_EQ(store.memory_bytes(), 4 * runtime::kPageSize);
}

TEST_F(LimitedInstantiate, SegmentsArePaidFor) {  // [L1]
  ModuleBuilder module;
  module.memory({4});
  module.data(0, std::string(64 * 999, 'x'));
  module.data(0, std::string(64, 'y'));
  module.data(0, "z");
  auto made = try_instantiate(module);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->trap, Trap::fuel_exhausted);
  EXPECT_EQ(made->where, "data segment 2");
  EXPECT_EQ(text(*made->instance->memory0(), 0, 1), "y");
}

TEST(Stores, GiveTheirReservationsBack) {
  testing::ModuleBuilder module;
  module.memory({1});
  std::vector<uint8_t> bytes = module.build();
  auto loaded = load(bytes);
  ASSERT_TRUE(loaded);
  auto execution = runtime::Execution::create(4096);
  // More than the address space holds of them at a time.
  for (int i = 0; i < 20'000; ++i) {
    runtime::Store store;
    auto made = engine::instantiate(store, loaded->module, Linker(store), *execution);
    ASSERT_TRUE(made) << i << ": " << made.error().message();
  }
}

TEST(Stores, RunningOutOfAddressSpaceIsAnError) {  // [L1]
  testing::ModuleBuilder module;
  module.memory({0});
  std::vector<uint8_t> bytes = module.build();
  auto loaded = load(bytes);
  ASSERT_TRUE(loaded);
  auto execution = runtime::Execution::create(4096);
  runtime::Store store;
  for (int i = 0; i < 20'000; ++i) {
    auto made = engine::instantiate(store, loaded->module, Linker(store), *execution);
    if (made) continue;
    EXPECT_EQ(made.error().kind->klass, DiagnosticClass::Os);
    return;
  }
  FAIL() << "20 000 times 8 GiB were reserved at once";
}

}  // namespace
}  // namespace cordon::engine
