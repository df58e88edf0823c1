// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What validation notes of a function for a compiler.
#include "core/wasm/func_uses.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/wasm/validate_module.h"
#include "tests/kit/module_builder.h"

namespace cordon::testing {
namespace {

using enum wasm::Op;
using wasm::FuncUses;
using wasm::LocalUse;
using wasm::ValType;

constexpr ValType kI = ValType::i32;
WasmBytes b() { return {}; }

struct Noted {
  std::vector<uint8_t> bytes;
  std::unique_ptr<const wasm::ValidatedModule> module;
  const FuncUses& of(size_t func) const { return *module->funcs()[func].uses(); }
};

Noted noted(ModuleBuilder& builder) {
  Noted result{builder.build(), nullptr};
  auto decoded = wasm::decode_module(result.bytes);
  EXPECT_TRUE(decoded);
  auto module = wasm::validate_module_with_uses(*std::move(decoded));
  EXPECT_TRUE(module);
  result.module = *std::move(module);
  return result;
}

const LocalUse* use_of(const FuncUses& uses, uint32_t local) {
  const auto found = std::ranges::find(uses.locals, local, &LocalUse::local);
  return found == uses.locals.end() ? nullptr : &*found;
}

TEST(FuncUses, AreNotNotedUnlessAskedFor) {
  ModuleBuilder builder;
  builder.func({{kI}, {kI}}, b().local_get(0));
  const std::vector<uint8_t> bytes = builder.build();
  const auto module = wasm::validate_module(*wasm::decode_module(bytes));
  ASSERT_TRUE(module);
  EXPECT_EQ((*module)->funcs()[0].uses(), nullptr);
}

TEST(FuncUses, SayWhichLocalsAreTouchedAndHow) {
  ModuleBuilder builder;
  builder.func({{kI, kI, kI}, {kI}},
               b().local_get(1).local_set(2).local_get(2).local_get(1).op(i32_add));
  builder.func({{kI}, {kI}}, b().local_get(0));
  const Noted module = noted(builder);
  const FuncUses& uses = module.of(0);
  ASSERT_EQ(uses.locals.size(), 2u);
  EXPECT_EQ(use_of(uses, 0), nullptr);
  EXPECT_EQ(use_of(uses, 1)->weight, 2u);
  EXPECT_FALSE(use_of(uses, 1)->written_first);
  EXPECT_TRUE(use_of(uses, 2)->written_first);
  EXPECT_EQ(uses.locals[0].local, 2u) << "the one that is dead first";
  const uint32_t body = module.module->funcs()[0].body().code.offset;
  EXPECT_EQ(uses.locals[1].last_read, body + 7);
  EXPECT_FALSE(uses.calls);
  // Each function begins anew.
  EXPECT_EQ(use_of(module.of(1), 0)->weight, 1u);
  EXPECT_EQ(module.of(1).locals.size(), 1u);
}

TEST(FuncUses, WeighALoopMoreAndReadInItToItsEnd) {
  ModuleBuilder builder;
  builder.func(
      {{kI, kI}, {}},
      b().local_get(0).op(drop).block(loop).local_get(1).op(drop).i32_const(0).local_set(0).end());
  const Noted module = noted(builder);
  const FuncUses& uses = module.of(0);
  EXPECT_EQ(use_of(uses, 0)->weight, 9u);
  EXPECT_EQ(use_of(uses, 1)->weight, 8u);
  ASSERT_EQ(uses.loops.size(), 1u);
  EXPECT_EQ(uses.loops[0].read, 2u);
  EXPECT_EQ(uses.loops[0].written, 1u);
  EXPECT_TRUE(uses.loops[0].innermost);
  EXPECT_FALSE(uses.loops[0].calls);
  const wasm::ByteRange code = module.module->funcs()[0].body().code;
  EXPECT_EQ(use_of(uses, 1)->last_read, code.end() - 2) << "the loop's end";
}

TEST(FuncUses, ListEachTypeThatIsCalledOnce) {
  ModuleBuilder builder;
  builder.func({{}, {}}, b());
  builder.func({{}, {}}, b().call(0).call(0).call(1));
  const Noted module = noted(builder);
  EXPECT_TRUE(module.of(0).called.empty());
  EXPECT_TRUE(module.of(1).calls);
  ASSERT_EQ(module.of(1).called.size(), 1u);
  EXPECT_FALSE(module.of(1).called[0].import);
}

}  // namespace
}  // namespace cordon::testing
