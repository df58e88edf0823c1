// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/engine/linker.h"

#include "core/engine/diagnostics.h"
#include "tests/kit/world_fixture.h"

namespace cordon::engine {
namespace {

using wasm::ValType;

Trap do_nothing(void*, runtime::HostCall&, const uint64_t*, uint64_t*) { return Trap::none; }

class LinkerTest : public testing::WorldTest {
 protected:
  // Offers one of each kind as module "m".
  LinkerTest() {
    linker.define_func("m", "f", {{ValType::i32}, {ValType::i64}}, do_nothing, nullptr);
    linker.define("m", "t", *store.add_table({ValType::funcref, {10, 20, true}}));
    linker.define("m", "t_open", *store.add_table({ValType::funcref, {10}}));
    linker.define("m", "mem", *store.add_memory({{1, 2, true}}));
    linker.define("m", "mem_open", *store.add_memory({{1}}));
    linker.define("m", "g", *store.add_global({ValType::i32, false}, 7));
    linker.define("m", "g_mut", *store.add_global({ValType::i32, true}, 7));
  }

  // Empty if the module links.
  std::string refusal(const ModuleBuilder& module) {
    auto made = try_instantiate(module);
    if (made) return "";
    EXPECT_EQ(made.error().kind->klass, DiagnosticClass::Unlinkable);
    return made.error().message();
  }
  std::string import_func(std::string_view name, const wasm::FuncType& type) {
    ModuleBuilder module;
    module.import_func("m", name, type);
    return refusal(module);
  }
  std::string import_table(std::string_view name, wasm::TableType type) {
    ModuleBuilder module;
    module.import_table("m", name, type);
    return refusal(module);
  }
  std::string import_memory(std::string_view name, wasm::Limits limits) {
    ModuleBuilder module;
    module.import_memory("m", name, limits);
    return refusal(module);
  }
  std::string import_global(std::string_view name, wasm::GlobalType type) {
    ModuleBuilder module;
    module.import_global("m", name, type);
    return refusal(module);
  }
};

TEST_F(LinkerTest, WhatIsNotThereIsUnknown) {
  EXPECT_EQ(import_func("nothing", {{}, {ValType::f32}}),
            "unknown import \"m\" \"nothing\": func [] -> [f32]");
  ModuleBuilder module;
  module.import_global("elsewhere", "g", {ValType::i64, true});
  EXPECT_EQ(refusal(module), "unknown import \"elsewhere\" \"g\": global mut i64");
  ModuleBuilder emscripten;
  emscripten.import_func("env", "emscripten_date_now", {});
  EXPECT_EQ(refusal(emscripten),
            "unknown import \"env\" \"emscripten_date_now\": func [] -> [] (Emscripten's: rebuild "
            "with -sSTANDALONE_WASM)");
  EXPECT_EQ(linker.find("m", "nothing"), nullptr);
  EXPECT_EQ(linker.find("elsewhere", "g"), nullptr);
}

TEST_F(LinkerTest, FunctionsMatchByTheirWholeType) {
  EXPECT_EQ(import_func("f", {{ValType::i32}, {ValType::i64}}), "");
  EXPECT_EQ(import_func("f", {{ValType::i32}, {}}),
            "incompatible import type \"m\" \"f\": expected func [i32] -> [], found func [i32] -> "
            "[i64]");
  EXPECT_NE(import_func("f", {{}, {ValType::i64}}), "");
  EXPECT_NE(import_func("f", {{ValType::i32, ValType::i64}, {}}), "");
  EXPECT_NE(import_func("f", {{}, {ValType::i32, ValType::i64}}), "");
}

TEST_F(LinkerTest, TablesMatchByElementAndSize) {
  EXPECT_EQ(import_table("t", {ValType::funcref, {10, 20, true}}), "");
  EXPECT_EQ(import_table("t", {ValType::funcref, {0}}), "");
  EXPECT_EQ(import_table("t", {ValType::funcref, {5, 30, true}}), "");
  EXPECT_EQ(import_table("t", {ValType::funcref, {11, 20, true}}),
            "incompatible import type \"m\" \"t\": expected table {min 11, max 20} funcref, found "
            "table {min 10, max 20} funcref");
  EXPECT_NE(import_table("t", {ValType::funcref, {10, 19, true}}), "");
  EXPECT_NE(import_table("t", {ValType::externref, {10, 20, true}}), "");
  EXPECT_NE(import_table("t_open", {ValType::funcref, {10, 20, true}}), "");
  EXPECT_EQ(import_table("t_open", {ValType::funcref, {10}}), "");
}

TEST_F(LinkerTest, MemoriesMatchBySize) {
  EXPECT_EQ(import_memory("mem", {1, 2, true}), "");
  EXPECT_EQ(import_memory("mem", {0}), "");
  EXPECT_EQ(import_memory("mem", {2, 2, true}),
            "incompatible import type \"m\" \"mem\": expected memory {min 2, max 2}, found memory "
            "{min 1, max 2}");
  EXPECT_NE(import_memory("mem", {1, 1, true}), "");
  EXPECT_NE(import_memory("mem_open", {1, 65536, true}), "");
}

TEST_F(LinkerTest, GrowthCountsAsTheMinimum) {
  auto* memory = std::get<runtime::Memory*>(*linker.find("m", "mem"));
  auto* table = std::get<runtime::Table*>(*linker.find("m", "t"));
  EXPECT_NE(import_memory("mem", {2}), "");
  EXPECT_NE(import_table("t", {ValType::funcref, {12}}), "");
  ASSERT_EQ(memory->grow(1), 1);
  ASSERT_EQ(table->grow(2, 0), 10);
  EXPECT_EQ(import_memory("mem", {2}), "");
  EXPECT_EQ(import_table("t", {ValType::funcref, {12}}), "");
}

TEST_F(LinkerTest, GlobalsMatchByTypeAndMutability) {
  EXPECT_EQ(import_global("g", {ValType::i32, false}), "");
  EXPECT_EQ(import_global("g_mut", {ValType::i32, true}), "");
  EXPECT_EQ(import_global("g", {ValType::i32, true}),
            "incompatible import type \"m\" \"g\": expected global mut i32, found global i32");
  EXPECT_NE(import_global("g_mut", {ValType::i32, false}), "");
  EXPECT_NE(import_global("g", {ValType::i64, false}), "");
}

TEST_F(LinkerTest, NoKindStandsForAnother) {
  constexpr std::string_view kNames[] = {"f", "t", "mem", "g"};
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(import_func(kNames[i], {{ValType::i32}, {ValType::i64}}).empty(), i == 0);
    EXPECT_EQ(import_table(kNames[i], {ValType::funcref, {0}}).empty(), i == 1);
    EXPECT_EQ(import_memory(kNames[i], {0}).empty(), i == 2);
    EXPECT_EQ(import_global(kNames[i], {ValType::i32, false}).empty(), i == 3);
  }
}

TEST_F(LinkerTest, NamesAreComparedWholeAndApart) {
  linker.define("a", "bc", *store.add_global({ValType::i32, false}, 1));
  EXPECT_EQ(linker.find("ab", "c"), nullptr);
  EXPECT_EQ(linker.find("a", "b"), nullptr);
  EXPECT_EQ(linker.find("", "abc"), nullptr);
  EXPECT_NE(linker.find("a", "bc"), nullptr);
}

TEST_F(LinkerTest, ALaterDefinitionReplacesAnEarlier) {
  linker.define("m", "g", *store.add_global({ValType::i64, false}, 1));
  EXPECT_EQ(import_global("g", {ValType::i64, false}), "");
  EXPECT_NE(import_global("g", {ValType::i32, false}), "");
}

TEST_F(LinkerTest, InstancesOfferTheirExportsAndShareThem) {
  ModuleBuilder exporter;
  uint32_t memory = exporter.memory({1});
  uint32_t global = exporter.global({ValType::i32, true}, WasmBytes().i32_const(5));
  uint32_t table = exporter.table({ValType::externref, {2}});
  uint32_t bump = exporter.func({{}, {}}, WasmBytes()
                                              .op(wasm::Op::global_get)
                                              .u32(global)
                                              .i32_const(1)
                                              .op(wasm::Op::i32_add)
                                              .op(wasm::Op::global_set)
                                              .u32(global));
  exporter.export_("memory", wasm::ExternKind::Memory, memory)
      .export_("global", wasm::ExternKind::Global, global)
      .export_("table", wasm::ExternKind::Table, table)
      .export_("bump", wasm::ExternKind::Func, bump);
  runtime::Instance& first = instantiate(exporter);
  linker.define_instance("first", first);

  ModuleBuilder importer;
  importer.import_memory("first", "memory", {1});
  importer.import_table("first", "table", {ValType::externref, {2}});
  uint32_t shared = importer.import_global("first", "global", {ValType::i32, true});
  uint32_t foreign = importer.import_func("first", "bump", {{}, {}});
  uint32_t get = importer.func({{}, {ValType::i32}},
                               WasmBytes().call(foreign).op(wasm::Op::global_get).u32(shared));
  importer.export_("get", wasm::ExternKind::Func, get);
  runtime::Instance& second = instantiate(importer);
  EXPECT_EQ(second.memories[0], first.memories[0]);
  EXPECT_EQ(second.tables[0], first.tables[0]);
  EXPECT_EQ(result(second, "get"), "i32:6");
  EXPECT_EQ(result(second, "get"), "i32:7");
  EXPECT_EQ(*first.globals[0]->cell, 7U);
}

}  // namespace
}  // namespace cordon::engine
