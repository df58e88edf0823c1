// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// [R1] [L1] What an embedder hands to a store is taken in or refused: references of other stores,
// more externrefs than the limit, upper halves of narrow numbers.
#include "tests/kit/world_fixture.h"

namespace cordon::engine {
namespace {

using wasm::ExternKind;
using wasm::Op;
using wasm::ValType;

constexpr ValType kI32 = ValType::i32, kFuncref = ValType::funcref, kExternref = ValType::externref;

class StoreBorder : public testing::WorldTest {
 protected:
  static Config few_externrefs() {
    Config config;
    config.store.max_externrefs = 3;
    return config;
  }
  StoreBorder() : testing::WorldTest(few_externrefs()) {
    linker.define_func("host", "give", {{}, {kFuncref}}, give, &given_);
    linker.define_func("host", "give_extern", {{}, {kExternref}}, give, &given_);
    ModuleBuilder module;
    const uint32_t give_func = module.import_func("host", "give", {{}, {kFuncref}});
    const uint32_t give_extern = module.import_func("host", "give_extern", {{}, {kExternref}});
    const auto is_null = [&](std::string_view name, ValType type) {
      module.export_(name, ExternKind::Func,
                     module.func({{type}, {kI32}}, WasmBytes().local_get(0).op(Op::ref_is_null)));
    };
    is_null("func", kFuncref);
    is_null("extern", kExternref);
    module.export_("host func", ExternKind::Func,
                   module.func({{}, {kI32}}, WasmBytes().call(give_func).op(Op::ref_is_null)));
    module.export_("host extern", ExternKind::Func,
                   module.func({{}, {kI32}}, WasmBytes().call(give_extern).op(Op::ref_is_null)));
    instance_ = &instantiate(module);
  }
  static Trap give(void* env, runtime::HostCall&, const uint64_t*, uint64_t* results) {
    results[0] = *static_cast<uint64_t*>(env);
    return Trap::none;
  }
  static Trap nothing(void*, runtime::HostCall&, const uint64_t*, uint64_t*) { return Trap::none; }

  std::string call_with(std::string_view name, Value value) {
    auto outcome = invoke(execution, *instance_, name, std::vector<Value>{value});
    if (!outcome) return std::string(outcome.error().kind->name);
    return to_typed_text(outcome->results[0]);
  }
  // How a module that imports ("m", "x") of that kind fares.
  template <class Import>
  std::string importing(runtime::Extern what, Import import) {
    linker.define("m", "x", what);
    ModuleBuilder module;
    import(module);
    auto made = try_instantiate(module);
    return made ? "taken" : made.error().message();
  }
  static Value func_value(const runtime::Func* func) {
    return {kFuncref, reinterpret_cast<uint64_t>(func)};
  }

  uint64_t given_ = 0;
  runtime::Store other_;
  runtime::Instance* instance_ = nullptr;
};

TEST_F(StoreBorder, AFuncrefOfAnotherStoreIsRefused) {
  const runtime::Func* own = store.add_host_func({{}, {}}, nothing, nullptr);
  const runtime::Func* strange = other_.add_host_func({{}, {}}, nothing, nullptr);
  EXPECT_EQ(call_with("func", func_value(own)), "i32:0");
  EXPECT_EQ(call_with("func", Value::null(kFuncref)), "i32:1");
  EXPECT_EQ(call_with("func", func_value(strange)), "argument_store");
  given_ = func_value(own).slot;
  EXPECT_EQ(result(*instance_, "host func"), "i32:0");
  given_ = func_value(strange).slot;
  EXPECT_EQ(result(*instance_, "host func"), "trap: a host function failed");
  EXPECT_TRUE(store.add_global({kFuncref, true}, func_value(own).slot));
  EXPECT_FALSE(store.add_global({kFuncref, true}, func_value(strange).slot));
  EXPECT_TRUE(store.add_table({kFuncref, {1, 1, true}}, func_value(own).slot));
  EXPECT_FALSE(store.add_table({kFuncref, {1, 1, true}}, func_value(strange).slot));
}

TEST_F(StoreBorder, NoMoreExternrefsThanTheLimit) {
  EXPECT_EQ(call_with("extern", {kExternref, 100}), "i32:0");
  EXPECT_EQ(call_with("extern", {kExternref, 200}), "i32:0");
  given_ = 300;
  EXPECT_EQ(result(*instance_, "host extern"), "i32:0");
  given_ = 400;
  EXPECT_EQ(result(*instance_, "host extern"), "trap: memory limit exceeded");
  EXPECT_EQ(call_with("extern", {kExternref, 400}), "argument_store");
  EXPECT_FALSE(store.add_global({kExternref, true}, 400));
  // Those that are known, and null, cost nothing.
  EXPECT_EQ(call_with("extern", {kExternref, 100}), "i32:0");
  EXPECT_EQ(call_with("extern", Value::null(kExternref)), "i32:1");
  given_ = 200;
  EXPECT_EQ(result(*instance_, "host extern"), "i32:0");
}

TEST_F(StoreBorder, ALinkerTakesNothingOfAnotherStore) {
  const auto func = [](ModuleBuilder& module) { module.import_func("m", "x", {{}, {}}); };
  const auto table = [](ModuleBuilder& module) {
    module.import_table("m", "x", {kFuncref, {1, 1, true}});
  };
  const auto memory = [](ModuleBuilder& module) { module.import_memory("m", "x", {1, 1, true}); };
  const auto global = [](ModuleBuilder& module) { module.import_global("m", "x", {kI32, true}); };
  const wasm::TableType table_type{kFuncref, {1, 1, true}};
  EXPECT_EQ(importing(store.add_host_func({{}, {}}, nothing, nullptr), func), "taken");
  EXPECT_EQ(importing(*store.add_table(table_type), table), "taken");
  EXPECT_EQ(importing(*store.add_memory({{1, 1, true}}), memory), "taken");
  EXPECT_EQ(importing(*store.add_global({kI32, true}, uint64_t{0}), global), "taken");
  const auto expect_refusal = [](const std::string& said) {
    EXPECT_NE(said.find("of another store"), std::string::npos) << said;
  };
  expect_refusal(importing(other_.add_host_func({{}, {}}, nothing, nullptr), func));
  expect_refusal(importing(*other_.add_table(table_type), table));
  expect_refusal(importing(*other_.add_memory({{1, 1, true}}), memory));
  expect_refusal(importing(*other_.add_global({kI32, true}, uint64_t{0}), global));
}

TEST_F(StoreBorder, ALinkerOfAnotherStoreIsRefused) {
  const std::vector<uint8_t> bytes = ModuleBuilder().build();
  auto loaded = load(bytes);
  ASSERT_TRUE(loaded);
  EXPECT_TRUE(engine::instantiate(store, *loaded, linker, execution));
  auto made = engine::instantiate(other_, *loaded, linker, execution);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind->name, "linker_store");
}

// An address made of a global that the embedder gave has 32 bits.
TEST_F(StoreBorder, ANarrowGlobalIsCut) {
  linker.define("m", "x", *store.add_global({kI32, false}, uint64_t{0xDEADBEEF} << 32 | 3));
  ModuleBuilder module;
  module.import_global("m", "x", {kI32, false});
  module.memory({1, 1, true});
  module.data(0, "0123");
  WasmBytes load_byte, extend;
  load_byte.op(Op::global_get).u32(0).access(Op::i32_load8_u);
  extend.op(Op::global_get).u32(0).op(Op::i64_extend_i32_u);
  module.export_("load", ExternKind::Func, module.func({{}, {kI32}}, load_byte));
  module.export_("extend", ExternKind::Func, module.func({{}, {ValType::i64}}, extend));
  const runtime::Instance& instance = instantiate(module);
  EXPECT_EQ(result(instance, "load"), "i32:51");
  EXPECT_EQ(result(instance, "extend"), "i64:3");
}

}  // namespace
}  // namespace cordon::engine
