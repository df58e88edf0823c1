// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// [R1] References are capabilities: whatever number native code makes up, it names a function that
// its instance was given, or null, or the process ends. The code here is accepted by the verifier.
#include "core/runtime/references.h"

#include "tests/core/runtime/hand_calls.h"
#include "tests/core/runtime/in_child.h"
#include "tests/core/runtime/native_fixture.h"

namespace cordon::runtime {
namespace {

using abi::Builtin;
using testing::call_indirect;
using testing::end_in_child;
using testing::HandCode;
using testing::ModuleBuilder;
using testing::WasmBytes;
using wasm::ExternKind;
using wasm::Op;
using wasm::ValType;
using x64::mem;
using x64::W32;
using x64::W64;
using enum x64::Gpr;

constexpr ValType kI64 = ValType::i64, kFuncref = ValType::funcref, kExternref = ValType::externref;
constexpr int kEscaped = 66;

uint32_t body_of(const ModuleBuilder& module, size_t index = 0) {
  return testing::body_offset(module.build(), index);
}

// Ways to bring a number to where a reference is wanted.
struct Way {
  const char* name;
  void (*write)(HandCode&, uint32_t at);  // the number is in rsi
};
void to_table_set(HandCode& code, uint32_t at) {
  code.a.mov(W64, rcx, rsi);
  code.a.xor_(W32, rdx, rdx);
  code.a.xor_(W32, rsi, rsi);
  code.call_builtin(Builtin::table_set, at);
}
void to_table_fill(HandCode& code, uint32_t at) {
  code.a.mov(W64, rcx, rsi);
  code.a.xor_(W32, rdx, rdx);
  code.a.mov(W32, r8, 1);
  code.a.xor_(W32, rsi, rsi);
  code.call_builtin(Builtin::table_fill, at);
}
// It may not grow, so nothing is in the table afterwards.
void to_table_grow(HandCode& code, uint32_t at) {
  code.a.mov(W64, rcx, rsi);
  code.a.mov(W32, rdx, 1);
  code.a.xor_(W32, rsi, rsi);
  code.call_builtin(Builtin::table_grow, at);
}
// By way of a global of the instance's own, and from there into the table.
void to_global(HandCode& code, uint32_t at) {
  code.a.mov(W64, rdx, rsi);
  code.a.xor_(W32, rsi, rsi);
  code.call_builtin(Builtin::global_set, at);
  code.a.xor_(W32, rsi, rsi);
  code.call_builtin(Builtin::global_get, at);
  code.a.mov(W64, rsi, rax);
  to_table_set(code, at);
}
constexpr Way kWays[] = {{"table_set", to_table_set},
                         {"table_fill", to_table_fill},
                         {"table_grow", to_table_grow},
                         {"global_set", to_global}};

class Capabilities : public NativeTest {
 protected:
  // Without any import. "f" takes a number for a reference of the table's type, and calls what is
  // in the table then.
  ModuleBuilder module() const {
    ModuleBuilder module;
    module.type({{}, {}});
    module.table({kFuncref, {1, 1, true}});
    module.global({kFuncref, true}, WasmBytes().op(Op::ref_null).type(kFuncref));
    const uint32_t own = module.func({{}, {}}, WasmBytes());
    const uint32_t func = module.func({{kI64}, {}}, WasmBytes());
    module.export_("own", ExternKind::Func, own);
    module.export_("f", ExternKind::Func, func);
    module.export_("global", ExternKind::Global, 0);
    return module;
  }
  Instance& forger(const Way& way) {
    const ModuleBuilder built = module();
    HandCode code;
    code.begin_checked();
    code.end_checked(body_of(built, 0));
    const uint32_t at = body_of(built, 1);
    code.begin_checked();
    way.write(code, at);
    const std::vector<uint8_t> bytes = built.build();
    call_indirect(code, *wasm::decode_module(bytes, wasm::Features::all()), at);
    code.end_checked(at);
    auto loaded = load(built, code);
    CHECK(loaded);
    return *engine::instantiate(store, *loaded, linker, execution)->instance;
  }
  std::string call_in_child(const Instance& instance, uint64_t number) {
    return end_in_child([&] { return result(instance, "f", {Value::i64(number)}); });
  }
  // One that this instance was not given.
  Func* secret() {
    return store.add_host_func(
        {{}, {}}, [](void*, HostCall&, const uint64_t*, uint64_t*) -> Trap { _exit(kEscaped); },
        nullptr);
  }
};

constexpr const char* kForged = "died of: a reference that the instance was not given";

TEST_F(Capabilities, AnAddressIsNone) {
  const auto address = reinterpret_cast<uint64_t>(secret());
  for (const Way& way : kWays) {
    EXPECT_EQ(call_in_child(forger(way), address), kForged) << way.name;
  }
}

// Handles are counted up from null; none of them leads to what the instance was not given.
TEST_F(Capabilities, NoNumberNamesWhatWasNotGiven) {
  secret();
  for (const Way& way : kWays) {
    const Instance& instance = forger(way);
    for (uint64_t number = 0; number < 40; ++number) {
      const std::string end = call_in_child(instance, number);
      const bool nothing_there = number == 0 || way.write == to_table_grow;
      const std::string wanted = number > 2                   ? kForged
                                 : nothing_there              ? "trap: uninitialized element"
                                 : number == 2 /* f itself */ ? "trap: indirect call type "
                                                                "mismatch"
                                                              : "";
      EXPECT_EQ(end, wanted) << way.name << " " << number;
    }
  }
}

TEST_F(Capabilities, AFunctionOfAFailedInstanceIsNotNamed) {
  ModuleBuilder failing;
  failing.func({{}, {}}, WasmBytes());
  failing.start(failing.func({{}, {}}, WasmBytes().op(Op::unreachable)));
  auto loaded = load_unchecked(failing, nullptr);
  ASSERT_TRUE(loaded);
  const auto made = engine::instantiate(store, *loaded, linker, execution);
  ASSERT_TRUE(made);
  ASSERT_EQ(made->trap, Trap::unreachable);
  const auto address = reinterpret_cast<uint64_t>(made->instance->funcs[0]);
  for (const Way& way : kWays) {
    EXPECT_EQ(call_in_child(forger(way), address), kForged) << way.name;
  }
}

// What reached the instance through its table has a handle from then on, and so has what it was
// handed as an argument.
TEST_F(Capabilities, WhatWasGivenIsNamed) {
  Instance& instance = forger(kWays[0]);
  Func* const other = secret();
  const auto reference = reinterpret_cast<uint64_t>(other);
  References& references = instance.references;
  EXPECT_EQ(references.named(kFuncref, 3), std::nullopt);
  EXPECT_EQ(references.give(kFuncref, reference), 3U);
  EXPECT_EQ(references.give(kFuncref, reference), 3U) << "each has one handle";
  EXPECT_EQ(references.named(kFuncref, 3), reference);
  EXPECT_EQ(references.named(kExternref, 3), std::nullopt) << "handles of its own";
  EXPECT_EQ(references.give(kExternref, 0xABCD), 1U);
  EXPECT_EQ(references.named(kExternref, 1), 0xABCDU);
  EXPECT_EQ(references.give(kFuncref, 0), 0U);
  EXPECT_EQ(references.named(kExternref, 0), 0U);
  EXPECT_EQ(call_in_child(instance, 3).substr(0, 7), "exit 66") << "now it may";
}

// An interpreted module imports a global of native code: it finds a function there, or null.
TEST_F(Capabilities, AGlobalHasWhatAnImporterMayFollow) {
  const Instance& native = forger(kWays[3]);
  linker.define_instance("native", native);
  ModuleBuilder importer;
  importer.import_global("native", "global", {kFuncref, true});
  importer.table({kFuncref, {1, 1, true}});
  const uint32_t type = importer.type({{}, {}});
  WasmBytes body;
  body.i32_const(0).op(Op::global_get).u32(0).op(Op::table_set).u32(0);
  body.i32_const(0).op(Op::call_indirect).u32(type).u32(0);
  importer.export_("g", ExternKind::Func, importer.func({{}, {}}, body));
  const Instance& interpreted = instantiate(importer, nullptr);
  EXPECT_EQ(result(interpreted, "g"), "trap: uninitialized element");
  EXPECT_EQ(result(native, "f", {Value::i64(1)}), "");
  EXPECT_EQ(result(interpreted, "g"), "") << "the native function is called";
  EXPECT_EQ(end_in_child([&] {
              (void)result(native, "f", {Value::i64(0x4141414141414141)});
              return result(interpreted, "g");
            }),
            kForged);
}

// The embedder's numbers of externrefs are no business of the guest's: it sees handles, and the
// embedder gets its own number back.
TEST_F(Capabilities, ExternrefsAreNumbersOfTheInstance) {
  ModuleBuilder module;
  const uint32_t import = module.import_func("host", "take", {{kExternref}, {kExternref}});
  const uint32_t look = module.func({{kExternref}, {kI64}}, WasmBytes().i64_const(0));
  const uint32_t pass = module.func({{kExternref}, {kExternref}}, WasmBytes().local_get(0));
  module.export_("look", ExternKind::Func, look);
  module.export_("pass", ExternKind::Func, pass);
  ASSERT_EQ(import, 0U);
  static uint64_t taken = 0;
  linker.define_func(
      "host", "take", {{kExternref}, {kExternref}},
      [](void*, HostCall&, const uint64_t* args, uint64_t* results) {
        taken = args[0];
        results[0] = 0xFEDCBA9876543210;
        return Trap::none;
      },
      nullptr);
  HandCode code;
  code.begin_checked();
  code.a.mov(W64, rax, rsi);
  code.end_checked(body_of(module, 0));
  code.begin_checked(8);
  code.a.mov(W64, mem(rsp, 0), rsi);
  code.a.xor_(W32, rsi, rsi);
  code.call_builtin(Builtin::call_import, body_of(module, 1));
  code.a.mov(W64, rax, mem(rsp, 0));
  code.end_checked(body_of(module, 1));
  auto loaded = load(module, code);
  ASSERT_TRUE(loaded) << loaded.error().message();
  const Instance& instance = *engine::instantiate(store, *loaded, linker, execution)->instance;
  const Value number{kExternref, 0x123456789ABCDEF0};
  EXPECT_EQ(result(instance, "look", {number}), "i64:1");
  EXPECT_EQ(result(instance, "look", {{kExternref, 77}}), "i64:2");
  EXPECT_EQ(result(instance, "look", {number}), "i64:1");
  auto outcome = engine::invoke(execution, instance, "pass", std::vector<Value>{number});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(taken, number.slot);
  EXPECT_EQ(outcome->results[0].slot, 0xFEDCBA9876543210U);
}

}  // namespace
}  // namespace cordon::runtime
