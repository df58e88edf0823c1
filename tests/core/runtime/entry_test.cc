// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calls into native code and out of it, with code written by hand.
#include "core/runtime/entry.h"

#include "core/abi/convention.h"
#include "core/abi/module_plan.h"
#include "tests/core/runtime/native_fixture.h"

namespace cordon::runtime {
namespace {

using abi::Builtin;
using wasm::ExternKind;
using wasm::Op;
using wasm::ValType;
using x64::F64;
using x64::mem;
using x64::W32;
using x64::W64;
using enum x64::Gpr;
using enum x64::Xmm;

constexpr ValType kI32 = ValType::i32, kI64 = ValType::i64, kF64 = ValType::f64;

using Entry = NativeTest;

TEST_F(Entry, AFunctionThatReturns42) {
  ModuleBuilder module;
  module.export_("f", ExternKind::Func, module.func({{}, {kI32}}, WasmBytes().i32_const(42)));
  HandCode code;
  code.begin();
  code.a.mov(W32, rax, 42);
  code.end_with_return();
  EXPECT_EQ(result(instantiate(module, &code), "f"), "i32:42");
}

TEST_F(Entry, UpperHalvesOfNarrowResultsAreNotPassedOn) {
  ModuleBuilder module;
  module.export_("f", ExternKind::Func, module.func({{}, {kI32}}, WasmBytes().i32_const(0)));
  HandCode code;
  code.begin();
  code.a.mov(W64, rax, -1);
  code.end_with_return();
  Instance& instance = instantiate(module, &code);
  auto outcome = engine::invoke(execution, instance, "f", {});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->results[0].slot, 0xffffffffU);
}

// More parameters of each kind than there are registers; every place is read by the convention.
TEST_F(Entry, ArgumentsAndResultsOfEveryKindFindTheirPlaces) {
  std::vector<ValType> params;
  std::vector<Value> arguments;
  for (uint32_t i = 0; i < 10; ++i) {
    params.push_back(kI64);
    arguments.push_back(Value::i64(uint64_t{1} << (4 * i)));
    params.push_back(kF64);
    arguments.push_back(Value::f64(1 << i));
  }
  ModuleBuilder module;
  WasmBytes body;
  body.i64_const(0).f64_const(0).i64_const(0).f64_const(0);
  module.export_("f", ExternKind::Func, module.func({params, {kI64, kF64, kI64, kF64}}, body));

  HandCode code;
  code.begin();
  abi::ParamPlaces places({params, {kI64, kF64, kI64, kF64}});
  code.a.mov(W64, rax, 0);
  code.a.xorp(x64::F32, xmm0, xmm0);
  for (ValType type : params) {
    const abi::ParamPlace place = places.next(type);
    if (place.kind == abi::ParamPlace::Kind::Int) {
      code.a.add(W64, rax, static_cast<x64::Gpr>(place.index));
    } else if (place.kind == abi::ParamPlace::Kind::Float) {
      code.a.adds(F64, xmm0, static_cast<x64::Xmm>(place.index));
    } else if (abi::is_float(type)) {
      code.a.adds(F64, xmm0, mem(rsp, 8 + 8 * place.index));
    } else {
      code.a.add(W64, rax, mem(rsp, 8 + 8 * place.index));
    }
  }
  constexpr int64_t results = 8;
  code.a.movs(F64, mem(rsp, results), xmm0);
  code.a.mov(W64, mem(rsp, results + 8), rax);
  code.a.mov(W64, mem(rsp, results + 16), 7);
  code.end_with_return();
  EXPECT_EQ(result(instantiate(module, &code), "f", arguments),
            "i64:73300775185 f64:1023 i64:73300775185 f64:3.5e-323");
}

// The host sees only its own argument bits, and its memory; its result comes back.
TEST_F(Entry, HostFunctionsGetArgumentsAndMemory) {
  static Memory* seen = nullptr;
  linker.define_func(
      "host", "add", {{kI32, kI64}, {kI64}},
      [](void*, HostCall& call, const uint64_t* args, uint64_t* results) {
        seen = call.memory;
        results[0] = args[0] + args[1];
        return Trap::none;
      },
      nullptr);
  ModuleBuilder module;
  const uint32_t add = module.import_func("host", "add", {{kI32, kI64}, {kI64}});
  module.memory({1, 1, true});
  module.export_("f", ExternKind::Func,
                 module.func({{}, {kI64}}, WasmBytes().i32_const(1).i64_const(2).call(add)));
  HandCode code;
  code.begin(24);
  code.a.mov(W64, rax, -1);
  code.a.mov(W64, mem(rsp, 0), rax);  // the i32 is -1, with an upper half that is none of its own
  code.a.mov(W64, mem(rsp, 8), 100);
  code.a.mov(W32, rsi, 0);
  code.call_builtin(Builtin::call_import);
  code.a.mov(W64, rax, mem(rsp, 0));
  code.end_with_return();
  Instance& instance = instantiate(module, &code);
  EXPECT_EQ(result(instance, "f"), "i64:4294967395");
  EXPECT_EQ(seen, instance.memory0());
}

TEST_F(Entry, ATrapOfTheHostEndsTheCallWithTheCallersOffset) {
  linker.define_func(
      "host", "fail", {{}, {}},
      [](void*, HostCall&, const uint64_t*, uint64_t*) { return Trap::host_failure; }, nullptr);
  ModuleBuilder module;
  module.import_func("host", "fail", {{}, {}});
  const uint32_t inner = module.func({{}, {}}, WasmBytes().call(0));
  module.export_("f", ExternKind::Func, module.func({{}, {}}, WasmBytes().call(inner)));
  HandCode code;
  x64::Label first = code.a.new_label();
  code.begin(40);
  // After the prologue's sub, which is therefore done before the jump below.
  code.a.bind(first);
  code.a.mov(W32, rsi, 0);
  code.call_builtin(Builtin::call_import, 70);
  code.end_with_return();
  code.begin(16);
  x64::Label entry = code.a.new_label(), behind = code.a.new_label();
  code.a.call(entry);
  code.call_sites.push_back({code.a.offset(), 80});
  code.a.jmp(behind);
  code.a.bind(entry);
  code.a.sub(W64, rsp, 40);
  code.a.jmp(first);
  code.a.bind(behind);
  code.end_with_return();
  Instance& instance = instantiate(module, &code);
  EXPECT_EQ(result(instance, "f"), "trap: a host function failed");
  EXPECT_EQ(trace(), "1@70 2@80");
}

// host -> guest -> host -> guest: each stay has its own place on the guest's stack and the context
// of the outer one is as it was ([S1]).
TEST_F(Entry, TheHostMayCallBack) {
  struct Env {
    Execution* execution;
    Instance* instance = nullptr;
  } env{&execution};
  linker.define_func(
      "host", "back", {{kI64}, {kI64}},
      [](void* data, HostCall&, const uint64_t* args, uint64_t* results) {
        auto* e = static_cast<Env*>(data);
        if (args[0] == 0) return results[0] = 1000, Trap::none;
        auto outcome = engine::invoke(*e->execution, *e->instance, "f",
                                      std::vector<engine::Value>{engine::Value::i64(args[0] - 1)});
        if (!outcome) return Trap::host_failure;
        if (outcome->trap != Trap::none) return outcome->trap;
        results[0] = outcome->results[0].slot + 1;
        return Trap::none;
      },
      &env);
  ModuleBuilder module;
  module.import_func("host", "back", {{kI64}, {kI64}});
  module.export_("f", ExternKind::Func,
                 module.func({{kI64}, {kI64}}, WasmBytes().local_get(0).call(0)));
  HandCode code;
  code.begin(16);
  code.a.mov(W64, mem(rsp, 8), rsi);
  code.a.mov(W64, mem(rsp, 0), rsi);
  code.a.mov(W32, rsi, 0);
  code.call_builtin(Builtin::call_import);
  code.a.mov(W64, rax, mem(rsp, 0));
  code.a.add(W64, rax, mem(rsp, 8));
  code.end_with_return();
  Instance& instance = instantiate(module, &code);
  env.instance = &instance;
  EXPECT_EQ(result(instance, "f", {Value::i64(3)}), "i64:1009");
  EXPECT_EQ(result(instance, "f", {Value::i64(100)}), "i64:6150");
  EXPECT_EQ(result(instance, "f", {Value::i64(100000)}), "trap: call stack exhausted");
  EXPECT_EQ(result(instance, "f", {Value::i64(3)}), "i64:1009");
}

// Recursion with the prologue that generated code has, to the end of the guest's stack ([S1]).
TEST_F(Entry, AGuestThatRecursesMeetsItsLimit) {
  ModuleBuilder module;
  module.export_("f", ExternKind::Func, module.func({{}, {}}, WasmBytes().call(0)));
  HandCode code;
  x64::Label self = code.a.new_label(), exhausted = code.a.new_label();
  code.begin();
  code.a.bind(self);
  code.a.cmp(W64, rsp, mem(r14, offsetof(abi::VmContext, stack_limit)));
  code.a.jcc(x64::Cond::Below, exhausted);
  code.a.call(self);
  code.call_sites.push_back({code.a.offset(), 50});
  code.a.ret();
  code.a.bind(exhausted);
  code.trap(Trap::call_stack_exhausted, 49);
  code.end();
  Instance& instance = instantiate(module, &code);
  EXPECT_EQ(result(instance, "f"), "trap: call stack exhausted");
  EXPECT_EQ(execution.trace.size(), Execution::kMaxTrace);
  EXPECT_EQ(trace().substr(0, 15), "0@49 0@50 0@50 ");
}

// call_foreign's arguments are passed as for any call. The callee is the host's, interpreted, and
// native.
class Foreign : public Entry {
 protected:
  // A module that calls what is in slot 0 of the imported table with (i64 7, f64 0.5).
  Instance& caller(HandCode& code) {
    ModuleBuilder module;
    module.import_table("m", "t", {ValType::funcref, {1, 1, true}});
    const uint32_t type = module.type({{kI64, kF64}, {kF64, kI64}});
    module.export_("f", ExternKind::Func,
                   module.func({{}, {kF64, kI64}}, WasmBytes()
                                                       .i64_const(7)
                                                       .f64_const(0.5)
                                                       .i32_const(0)
                                                       .op(Op::call_indirect)
                                                       .u32(type)
                                                       .u32(0)));
    code.rodata = {0, 0, 0, 0, 0, 0, 0xe0, 0x3f};
    code.begin(8);
    code.a.mov(W64, rsi, 0x3fe00000);
    code.a.shl(W64, rsi, 32);
    code.a.movd(W64, xmm2, rsi);
    code.a.mov(W64, rsi, 7);
    code.a.mov(W64, r11, mem(r14, sizeof(abi::VmContext)));
    code.a.mov(W64, r11, mem(r11, offsetof(abi::TableView, elements)));
    code.a.mov(W64, r11, mem(r11, 0));
    code.call_builtin(Builtin::call_foreign, 60);
    code.a.mov(W64, rcx, mem(rsp, 0));   // result 1
    code.a.mov(W64, mem(rsp, 16), rcx);  // is ours too
    code.end_with_return();
    return instantiate(module, &code);
  }
  Table* table() {
    Table* made = *store.add_table({ValType::funcref, {1, 1, true}});
    linker.define("m", "t", made);
    return made;
  }
  ModuleBuilder callee() {
    ModuleBuilder module;
    module.export_(
        "g", ExternKind::Func,
        module.func({{kI64, kF64}, {kF64, kI64}}, WasmBytes().local_get(1).local_get(0)));
    return module;
  }
  void put(Table* table, Func* func) {
    ASSERT_EQ(table->set(0, reinterpret_cast<uint64_t>(func)), Trap::none);
  }
};

TEST_F(Foreign, TheHost) {
  Table* made = table();
  HandCode code;
  Instance& instance = caller(code);
  put(made, store.add_host_func(
                {{kI64, kF64}, {kF64, kI64}},
                [](void*, HostCall&, const uint64_t* args, uint64_t* results) {
                  uint64_t swapped[] = {args[1], args[0]};
                  std::copy_n(swapped, 2, results);
                  return Trap::none;
                },
                nullptr));
  EXPECT_EQ(result(instance, "f"), "f64:0.5 i64:7");
}

TEST_F(Foreign, AnInterpretedFunction) {
  Table* made = table();
  HandCode code;
  Instance& instance = caller(code);
  put(made, *engine::find_func(instantiate(callee(), nullptr), "g"));
  EXPECT_EQ(result(instance, "f"), "f64:0.5 i64:7");
}

TEST_F(Foreign, NativeCodeOfAnotherInstance) {
  Table* made = table();
  HandCode code, other;
  Instance& instance = caller(code);
  other.begin();
  other.a.mov(W64, mem(rsp, 8), rsi);
  other.a.movap(x64::F32, xmm0, xmm2);
  other.end_with_return();
  put(made, *engine::find_func(instantiate(callee(), &other), "g"));
  EXPECT_EQ(result(instance, "f"), "f64:0.5 i64:7");
}

TEST_F(Foreign, ATrapThereIsTracedThroughBothInstances) {
  Table* made = table();
  HandCode code, other;
  Instance& instance = caller(code);
  other.begin();
  other.trap(Trap::unreachable, 33);
  other.end();
  put(made, *engine::find_func(instantiate(callee(), &other), "g"));
  EXPECT_EQ(result(instance, "f"), "trap: unreachable");
  EXPECT_EQ(trace(), "0@33 0@60");
}

TEST_F(Foreign, TheInterpreterCallsNativeCode) {
  HandCode code;
  code.begin();
  code.a.mov(W64, mem(rsp, 8), rsi);
  code.a.movap(x64::F32, xmm0, xmm2);
  code.end_with_return();
  linker.define_instance("n", instantiate(callee(), &code));
  ModuleBuilder module;
  module.import_func("n", "g", {{kI64, kF64}, {kF64, kI64}});
  module.export_("f", ExternKind::Func,
                 module.func({{}, {kF64, kI64}}, WasmBytes().i64_const(9).f64_const(2).call(0)));
  EXPECT_EQ(result(instantiate(module, nullptr), "f"), "f64:2 i64:9");
}

// Memory that grows is seen by all instances that share it, at once.
TEST_F(Entry, GrowthIsSeenByEveryInstanceOfTheMemory) {
  linker.define("m", "mem", *store.add_memory({{1, 5, true}}));
  const auto make = [] {
    ModuleBuilder module;
    module.import_memory("m", "mem", {1, 5, true});
    module.export_("grow", ExternKind::Func,
                   module.func({{kI32}, {kI32}}, WasmBytes().i32_const(0)));
    module.export_("size", ExternKind::Func, module.func({{}, {kI32}}, WasmBytes().i32_const(0)));
    return module;
  };
  const auto write = [](HandCode& code) {
    code.begin();
    code.call_builtin(Builtin::memory_grow);
    code.end_with_return();
    code.begin();
    code.a.mov(W32, rax, mem(r14, offsetof(abi::VmContext, memory_pages)));
    code.end_with_return();
  };
  HandCode one, two;
  write(one);
  write(two);
  Instance& first = instantiate(make(), &one);
  Instance& second = instantiate(make(), &two);
  EXPECT_EQ(result(first, "grow", {Value::i32(2)}), "i32:1");
  EXPECT_EQ(result(second, "size"), "i32:3");
  EXPECT_EQ(result(second, "grow", {Value::i32(3)}), "i32:-1");
  EXPECT_EQ(result(second, "grow", {Value::i32(2)}), "i32:3");
  EXPECT_EQ(result(first, "size"), "i32:5");
}

class Fuel : public NativeTest {
 protected:
  Fuel() : NativeTest(100) {}
};

TEST_F(Fuel, GoesIntoTheContextAndComesBack) {
  ModuleBuilder module;
  module.export_("f", ExternKind::Func, module.func({{}, {}}, WasmBytes()));
  HandCode code;
  code.fuel = true;
  x64::Label spent = code.a.new_label();
  code.begin();
  code.a.sub(W64, mem(r14, offsetof(abi::VmContext, fuel)), 30);
  code.a.jcc(x64::Cond::Sign, spent);
  code.a.ret();
  code.a.bind(spent);
  code.trap(Trap::fuel_exhausted, 9);
  code.end();
  Instance& instance = instantiate(module, &code);
  EXPECT_EQ(result(instance, "f"), "");
  EXPECT_EQ(execution.fuel, 70);
  EXPECT_EQ(result(instance, "f"), "");
  EXPECT_EQ(result(instance, "f"), "");
  EXPECT_EQ(result(instance, "f"), "trap: all fuel consumed");
  EXPECT_EQ(execution.fuel, -20);
}

// Where the body of a module's only function begins.
constexpr uint32_t kBody = 23;

TEST_F(Fuel, CodeThatDoesNotChargeIsRefusedWhereFuelIsLimited) {
  ModuleBuilder module;
  module.func({{}, {}}, WasmBytes());
  HandCode code;
  code.begin_checked();
  code.end_checked(kBody);
  auto loaded = load(module, code);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().kind->name, "code_mismatch");
}

TEST_F(Entry, CodeForAnotherProcessorIsRefused) {
  ModuleBuilder module;
  module.func({{}, {}}, WasmBytes());
  HandCode code;
  code.cpu_features = 1U << 31;
  code.begin_checked();
  code.end_checked(kBody);
  EXPECT_FALSE(load(module, code));
}

}  // namespace
}  // namespace cordon::runtime
