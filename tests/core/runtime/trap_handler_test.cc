// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// [T1] What becomes a trap, and what kills: each layer of the filter with code that passes all
// others.
#include "core/runtime/trap_handler.h"

#include <signal.h>

#include <thread>

#include "tests/core/runtime/native_fixture.h"

namespace cordon::runtime {
namespace {

using wasm::ExternKind;
using wasm::ValType;
using x64::mem;
using x64::W32;
using x64::W64;
using enum x64::Gpr;

class TrapHandler : public NativeTest {
 protected:
  TrapHandler() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }

  // f: [i64] -> [i32] over a memory of one page; the argument is in rsi.
  static ModuleBuilder module() {
    ModuleBuilder module;
    module.memory({1, 2, true});
    module.export_("f", ExternKind::Func,
                   module.func({{ValType::i64}, {ValType::i32}}, WasmBytes().i32_const(0)));
    return module;
  }
  std::string call(HandCode& code, uint64_t argument) {
    return result(instantiate(module(), &code), "f", {Value::i64(argument)});
  }
  // mov eax, [r15 + rsi], listed.
  static void load(HandCode& code, Trap trap = Trap::out_of_bounds_memory_access) {
    code.begin();
    code.site(trap, 44);
    code.a.mov(W32, rax, mem(r15, rsi, 0));
    code.end_with_return();
  }
  void expect_escape(HandCode& code, uint64_t argument, const char* what) {
    EXPECT_EXIT((void)call(code, argument), ::testing::ExitedWithCode(kEscapeStatus),
                "escape attempt")
        << what;
  }
};

constexpr const char* kOutOfBounds = "trap: out of bounds memory access";

TEST_F(TrapHandler, AFaultInTheGuardsIsATrapAtItsSite) {
  for (uint64_t address : {uint64_t{65533}, uint64_t{65536}, uint64_t{0xffffffff},
                           (uint64_t{6} << 30), ~uint64_t{0}, uint64_t{0} - (uint64_t{2} << 30)}) {
    HandCode code;
    load(code);
    EXPECT_EQ(call(code, address), kOutOfBounds) << address;
    EXPECT_EQ(trace(), "0@44");
  }
  HandCode code;
  load(code);
  EXPECT_EQ(call(code, 65532), "i32:0");
}

TEST_F(TrapHandler, AThousandTrapsLeaveNothingBehind) {
  HandCode code;
  load(code);
  Instance& instance = instantiate(module(), &code);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(result(instance, "f", {Value::i64(1 << 20)}), kOutOfBounds);
  }
  EXPECT_EQ(result(instance, "f", {Value::i64(8)}), "i32:0");
}

TEST_F(TrapHandler, EveryUd2GivesItsOwnTrap) {
  for (Trap trap : {Trap::unreachable, Trap::integer_divide_by_zero, Trap::integer_overflow,
                    Trap::out_of_bounds_memory_access}) {
    HandCode code;
    code.begin(32);
    code.trap(trap, 12);
    code.end();
    EXPECT_EQ(call(code, 0), "trap: " + std::string(trap_text(trap)));
    EXPECT_EQ(trace(), "0@12");
  }
}

TEST_F(TrapHandler, EachThreadHasItsOwnStackForIt) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      NativeHost host;
      HandCode code;
      load(code);
      Instance& instance = host.instantiate(module(), &code);
      for (int n = 0; n < 100; ++n) {
        EXPECT_EQ(host.result(instance, "f", {Value::i64(1 << 20)}), kOutOfBounds);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// The guest's rsp is on a page that is not there: the handler has a stack of its own.
TEST_F(TrapHandler, WorksWhenTheGuestsStackIsBroken) {
  HandCode code;
  code.begin();
  code.a.mov(W64, rsp, 4096);
  code.trap(Trap::unreachable, 3);
  code.end();
  EXPECT_EQ(call(code, 0), "trap: unreachable");
}

TEST_F(TrapHandler, AFaultAtNoSiteIsAnEscapeAttempt) {
  HandCode code;
  code.begin();
  code.a.mov(W32, rax, mem(r15, rsi, 0));
  code.end_with_return();
  expect_escape(code, 1 << 20, "a load that is not listed");
}

TEST_F(TrapHandler, AFaultOutsideOfTheMemoryIsAnEscapeAttempt) {
  HandCode code;
  code.begin();
  code.site(Trap::out_of_bounds_memory_access, 44);
  code.a.mov(W32, rax, mem(rsi, 0));
  code.end_with_return();
  expect_escape(code, 16, "near null");
  expect_escape(code, uint64_t{1} << 63, "no address at all");
}

TEST_F(TrapHandler, OneByteOutsideOfTheGuardsIsAnEscapeAttempt) {
  // Another process's layout, but its distances are the same.
  Memory& memory = **store.add_memory({{1, 1, true}});
  const auto base = reinterpret_cast<uint64_t>(memory.base());
  EXPECT_TRUE(memory.reserves(base - kFrontGuard));
  EXPECT_FALSE(memory.reserves(base - kFrontGuard - 1));
  EXPECT_TRUE(memory.reserves(base + kIndexRange + kBackGuard - 1));
  EXPECT_FALSE(memory.reserves(base + kIndexRange + kBackGuard));
}

TEST_F(TrapHandler, AMemoryFaultAtASiteOfAnotherTrapIsAnEscapeAttempt) {
  HandCode code;
  load(code, Trap::integer_overflow);
  expect_escape(code, 1 << 20, "a site of integer_overflow");
}

TEST_F(TrapHandler, AnotherInstancesMemoryIsNotOurs) {
  HandCode other;
  load(other);
  Instance& owner = instantiate(module(), &other);
  HandCode code;
  code.begin();
  code.site(Trap::out_of_bounds_memory_access, 44);
  code.a.mov(W32, rax, mem(rsi, 0));
  code.end_with_return();
  expect_escape(code, reinterpret_cast<uint64_t>(owner.memory0()->base()) + 65536, "its guard");
}

TEST_F(TrapHandler, AnIllegalInstructionThatIsNotListedIsAnEscapeAttempt) {
  HandCode code;
  code.begin();
  code.a.ud2();
  code.end();
  expect_escape(code, 0, "ud2");
}

TEST_F(TrapHandler, OnlyUd2IsATrapByInstruction) {
  HandCode code;
  code.begin();
  code.site(Trap::unreachable, 1);
  const uint8_t kUd1[] = {0x0f, 0xb9, 0xc0};
  code.a.data(kUd1);
  code.end();
  expect_escape(code, 0, "ud1 at a listed site");
}

TEST_F(TrapHandler, ADivisionThatFaultsIsAnEscapeAttempt) {
  HandCode code;
  code.begin();
  code.a.mov(W32, rcx, 0);
  code.site(Trap::integer_divide_by_zero, 1);
  code.a.div(W32, rcx);
  code.end();
  expect_escape(code, 0, "#DE even at a listed site");
}

TEST_F(TrapHandler, ABreakpointIsAnEscapeAttempt) {
  HandCode code;
  code.begin();
  code.a.int3();
  code.end_with_return();
  expect_escape(code, 0, "int3");
}

// Slots above the top of the stack: the caller of the host's has none there.
TEST_F(TrapHandler, SlotsOutsideOfTheGuestsStackAreAnEscapeAttempt) {
  linker.define_func("host", "wide", {std::vector<ValType>(100, ValType::i64), {}}, nullptr,
                     nullptr);
  ModuleBuilder module;
  module.import_func("host", "wide", {std::vector<ValType>(100, ValType::i64), {}});
  module.export_("f", ExternKind::Func, module.func({{}, {}}, WasmBytes()));
  HandCode code;
  code.begin();
  code.a.mov(W32, rsi, 0);
  code.call_builtin(abi::Builtin::call_import);
  code.end_with_return();
  Instance& instance = instantiate(module, &code);
  EXPECT_EXIT((void)result(instance, "f"), ::testing::ExitedWithCode(kEscapeStatus), "slots");
}

// [C1] A reference that a wrong compiler made up must not reach a place from which it is called.
TEST_F(TrapHandler, AMadeUpFunctionReferenceIsAnEscapeAttempt) {
  ModuleBuilder with_table;
  with_table.table({ValType::funcref, {1, 1, true}});
  const uint32_t func = with_table.func({{ValType::i64}, {ValType::i32}}, WasmBytes().i32_const(0));
  with_table.export_("f", ExternKind::Func, func);
  for (bool honest : {true, false}) {
    HandCode code;
    code.begin(8);
    code.a.mov(W32, rsi, 0);  // of a function, into the table
    code.call_builtin(abi::Builtin::ref_func);
    code.a.mov(W64, rcx, rax);
    if (!honest) code.a.add(W64, rcx, 1);
    code.a.mov(W32, rsi, 0);
    code.a.mov(W32, rdx, 0);
    code.call_builtin(abi::Builtin::table_set);
    code.a.mov(W32, rax, 5);
    code.end_with_return();
    Instance& instance = instantiate(with_table, &code);
    if (honest) {
      EXPECT_EQ(result(instance, "f", {Value::i64(0)}), "i32:5");
    } else {
      EXPECT_EXIT((void)result(instance, "f", {Value::i64(0)}),
                  ::testing::ExitedWithCode(kEscapeStatus), "reference");
    }
  }
}

TEST_F(TrapHandler, AMadeUpReferenceAsAResultIsAnEscapeAttempt) {  // [C1]
  ModuleBuilder module;
  module.export_("f", ExternKind::Func,
                 module.func({{}, {ValType::funcref}},
                             WasmBytes().op(wasm::Op::ref_null).type(ValType::funcref)));
  HandCode code;
  code.begin();
  code.a.mov(W32, rax, 4096);
  code.end_with_return();
  Instance& instance = instantiate(module, &code);
  EXPECT_EXIT((void)result(instance, "f"), ::testing::ExitedWithCode(kEscapeStatus), "reference");
}

// A signal sent from outside is no fault of the guest, wherever it arrives.
TEST_F(TrapHandler, ASignalFromOutsideIsPassedOn) {
  EXPECT_EXIT(
      {
        HandCode code;
        load(code);
        (void)call(code, 1 << 20);
        (void)raise(SIGSEGV);
      },
      [](int status) {
        // A sanitizer's handler reports it and exits.
        return (WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV) ||
               (WIFEXITED(status) && WEXITSTATUS(status) != 0 &&
                WEXITSTATUS(status) != kEscapeStatus);
      },
      "");
}

TEST_F(TrapHandler, FaultsElsewhereEndTheProcessWhereThatWasAskedFor) {
  EXPECT_EXIT(
      {
        ASSERT_TRUE(install_trap_handler(OtherFaults::End));
        volatile uintptr_t nowhere = 8;  // volatile: what a compiler knows of it, it refuses
        *reinterpret_cast<volatile int*>(nowhere) = 1;
      },
      ::testing::ExitedWithCode(kEscapeStatus), "outside of the guest's code");
}

}  // namespace
}  // namespace cordon::runtime
