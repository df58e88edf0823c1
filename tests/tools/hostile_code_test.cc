// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Attacks by compiled files, by the built program in its jail: code that once led out of the
// guest is refused by its rule, and what is still accepted gets nowhere ([B1] [R1] [R2]).
#include <gtest/gtest.h>

#include <cstring>

#include "core/abi/precompiled.h"
#include "tests/border/dump.h"
#include "tests/core/runtime/hand_calls.h"
#include "tests/kit/temporary_directory.h"
#include "tests/wasi/command.h"

namespace cordon::tests {
namespace {

using abi::Builtin;
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

constexpr uint32_t kFuncs = 0, kExterns = 1, kFuncElem = 0, kExternElem = 1, kFuncref = 1;
constexpr uint32_t kFrame = 512;
constexpr uint32_t kDumped = 2048, kVector = 4096;
constexpr uint64_t kMadeUp = 0x4141414141414141;

// One import, which prints; two tables and segments of either type; two globals, a number and a
// reference; and "f", whose code is the attack. `imports_write`: or none at all.
ModuleBuilder module_of_attack(bool imports_write) {
  ModuleBuilder module;
  module.type({{}, {}});
  if (imports_write) {
    module.import_func("wasi_snapshot_preview1", "fd_write",
                       {std::vector<ValType>(4, ValType::i32), {ValType::i32}});
  }
  module.table({ValType::funcref, {4, 4, true}});
  module.table({ValType::externref, {4, 4, true}});
  module.memory({1, 1, true});
  const auto null = [](ValType type) { return WasmBytes().op(Op::ref_null).type(type); };
  module.global({ValType::i64, true}, WasmBytes().i64_const(0));
  module.global({ValType::funcref, true}, null(ValType::funcref));
  const uint32_t func = module.func({{}, {}}, WasmBytes());
  module.raw_elem(WasmBytes().u32(1).u8(0).u32(1).u32(func));
  module.raw_elem(
      WasmBytes().u32(5).type(ValType::externref).u32(1).append(null(ValType::externref)).end());
  module.export_("f", ExternKind::Func, func);
  module.export_("memory", ExternKind::Memory, 0);
  return module;
}

// Arguments of builtins.
void zero_after_two(HandCode& code) {
  for (const x64::Gpr reg : {rcx, r8, r9}) code.a.xor_(W32, reg, reg);
}
void pass(HandCode& code, uint32_t first, uint32_t second) {
  code.a.mov(W32, rsi, first);
  code.a.mov(W32, rdx, second);
}
// A made-up reference into table 0.
void set_table(HandCode& code, uint32_t at, uint64_t reference) {
  pass(code, kFuncs, 0);
  testing::load_constant(code, rcx, reference);
  code.call_builtin(Builtin::table_set, at);
}

class HostileCode : public ::testing::Test {
 protected:
  using Attack = std::function<void(HandCode&, uint32_t at, const wasm::Module&)>;

  // Runs "f" with that code.
  Finished run(const Attack& attack, bool imports_write = false) {
    const std::vector<uint8_t> module = module_of_attack(imports_write).build();
    const auto decoded = wasm::decode_module(module, wasm::Features::all());
    const uint32_t at = decoded->bodies[0].code.offset;
    HandCode code;
    code.begin_checked(kFrame);
    attack(code, at, *decoded);
    code.end_checked(at);
    border::finish_rodata(code);
    std::vector<uint8_t> blob = code.bytes();
    const auto stamp = abi::make_stamp(module, false);
    blob.insert(blob.end(), stamp.begin(), stamp.end());
    directory_.write("m.wasm", module);
    directory_.write("m.cordon", blob);
    return run_cordon({"run", "--jail=degraded", "--invoke", "f", "--precompiled",
                       directory_ / "m.cordon", directory_ / "m.wasm"});
  }
  void expect_refusal(const char* rule, const Attack& attack) {
    const Finished ran = run(attack);
    EXPECT_EQ(ran.status, 1) << rule << ran.err;
    EXPECT_NE(ran.err.find("(" + std::string(rule) + ")"), std::string::npos) << ran.err;
  }

  testing::TemporaryDirectory directory_;
};

constexpr int kViolation = 159;

TEST_F(HostileCode, HarmlessCodeRuns) {
  const Finished ran = run([](HandCode&, uint32_t, const wasm::Module&) {});
  EXPECT_EQ(ran.status, 0) << ran.err;
}

// A number that is an externref, copied to where functions are.
TEST_F(HostileCode, ElementsOfAnotherTypeAreNotCopied) {
  expect_refusal("builtin_type", [](HandCode& code, uint32_t at, const wasm::Module&) {
    zero_after_two(code);
    pass(code, kFuncs, kExterns);
    code.call_builtin(Builtin::table_copy, at);
  });
  expect_refusal("builtin_type", [](HandCode& code, uint32_t at, const wasm::Module&) {
    zero_after_two(code);
    pass(code, kExterns, kFuncs);
    code.call_builtin(Builtin::table_copy, at);
  });
  expect_refusal("builtin_type", [](HandCode& code, uint32_t at, const wasm::Module&) {
    zero_after_two(code);
    pass(code, kFuncs, kExternElem);
    code.call_builtin(Builtin::table_init, at);
  });
  expect_refusal("builtin_type", [](HandCode& code, uint32_t at, const wasm::Module&) {
    zero_after_two(code);
    pass(code, kExterns, kFuncElem);
    code.call_builtin(Builtin::table_init, at);
  });
}

// The parts that the attack was made of.
TEST_F(HostileCode, NoAddressBecomesAValueAndNoReferenceIsWritten) {
  expect_refusal("address_operand", [](HandCode& code, uint32_t, const wasm::Module&) {
    code.a.lea(W64, rax, mem(rsp, 8));
  });
  expect_refusal("context_field", [](HandCode& code, uint32_t, const wasm::Module& module) {
    code.a.mov(W64, mem(r14, abi::ModulePlan(module).global(kFuncref)), rax);
  });
  expect_refusal("context_field", [](HandCode& code, uint32_t, const wasm::Module& module) {
    code.a.mov(W64, rax, mem(r14, abi::ModulePlan(module).global(kFuncref)));
  });
  expect_refusal("instruction_unknown", [](HandCode& code, uint32_t at, const wasm::Module&) {
    constexpr uint8_t kRex = 0x40;
    code.site(Trap::unreachable, at);
    code.a.data({&kRex, 1});
    code.a.ud2();
  });
}

// Accepted, and then no number leads anywhere: not the small ones, with which a module without
// imports might reach proc_exit, nor addresses.
TEST_F(HostileCode, AMadeUpReferenceEndsTheRun) {
  for (const uint64_t reference : {uint64_t{2}, uint64_t{3}, uint64_t{64}, kMadeUp}) {
    const auto call = [reference](HandCode& code, uint32_t at, const wasm::Module& module) {
      set_table(code, at, reference);
      testing::call_indirect(code, module, at);
    };
    const Finished ran = run(call);
    EXPECT_EQ(ran.status, kViolation) << reference << ran.err;
    EXPECT_NE(ran.err.find("escape attempt"), std::string::npos) << ran.err;
  }
  const auto by_global = [](HandCode& code, uint32_t at, const wasm::Module&) {
    testing::load_constant(code, rdx, kMadeUp);
    code.a.mov(W32, rsi, kFuncref);
    code.call_builtin(Builtin::global_set, at);
  };
  EXPECT_EQ(run(by_global).status, kViolation);
}

// [R2] A guest prints all that it can read, at its entry and after a call of the host. Nothing
// there is as large as an address but those of its own code.
TEST_F(HostileCode, ReadsNoAddressInTheJail) {
  const auto dump_and_print = [](HandCode& code, uint32_t at, const wasm::Module& module) {
    const abi::ModulePlan plan(module);
    const border::Readable readable{kFrame, 0, plan.global(0), plan.global(0)};
    const auto store = [&](uint32_t to, uint32_t value) {
      code.site(Trap::out_of_bounds_memory_access, at);
      code.a.mov(W32, mem(r15, to), value);
    };
    const auto print = [&] {
      store(kVector, 0);
      store(kVector + 4, kDumped);
      const uint32_t arguments[] = {1, kVector, 1, kVector + 8};
      for (uint32_t i = 0; i < 4; ++i) code.a.mov(W64, mem(rsp, 8 * i), arguments[i]);
      code.a.mov(W32, rsi, 0);
      code.call_builtin(Builtin::call_import, at);
    };
    border::write_dump(code, readable, at);
    print();
    border::write_dump(code, readable, at);
    print();
  };
  const Finished ran = run(dump_and_print, true);
  ASSERT_EQ(ran.status, 0) << ran.err;
  ASSERT_GE(ran.out.size(), 2 * kDumped);
  uint64_t own_code = 0;
  std::memcpy(&own_code, ran.out.data() + border::kGprs + 8 * 11, sizeof own_code);
  ASSERT_GT(own_code, UINT32_MAX) << "r11 has the place of the code at its entry";
  for (size_t at = 0; at + 8 <= 2 * kDumped; at += 8) {
    uint64_t word;
    std::memcpy(&word, ran.out.data() + at, sizeof word);
    const bool is_own = word - own_code < abi::kCodePage;
    const bool is_rodata = word == 0x0807060504030201 || word == 0x100F0E0D0C0B0A09;
    const bool is_flags = at % kDumped >= border::kFlags && at % kDumped < border::kXmms;
    EXPECT_TRUE(word <= UINT32_MAX || is_own || is_rodata || is_flags)
        << std::hex << word << " at " << std::dec << at;
  }
}

}  // namespace
}  // namespace cordon::tests
