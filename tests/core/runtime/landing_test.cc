// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// [B1] Handlers of native code, written by hand and not verified: what is caught comes to the
// bottom of the frame of the clause, with nothing in registers; and code whose handlers do not fit
// what validation knows of the clause ends the process.
#include "core/runtime/landing.h"

#include "tests/core/runtime/hand_calls.h"
#include "tests/core/runtime/in_child.h"
#include "tests/core/runtime/native_fixture.h"

namespace cordon::runtime {
namespace {

using testing::BuiltinCall;
using testing::HandCode;
using testing::MadeArgument;
using testing::ModuleBuilder;
using testing::WasmBytes;
using wasm::ExternKind;
using wasm::Op;
using wasm::ValType;

constexpr uint64_t kStale = 0x5741'1e5741'1e57;

// The handler of a function that throws 77 with tag 0, and catches it.
struct Hand {
  uint32_t frame = 16;
  int32_t handler_at = 0;  // from where it belongs; clause and slots say the rest
  uint32_t clause = 0, slots = 1;
  bool has_handler = true;
  uint32_t others = 0;  // handlers of clauses that follow and come first in the code
};

class LandingTest : public NativeTest {
 protected:
  // [block [try_table (catch 0 0) throw]].
  static WasmBytes before() {
    return WasmBytes()
        .block(Op::block, ValType::i64)
        .op(Op::try_table)
        .u8(0x40)
        .append(WasmBytes{1, 0, 0, 0})
        .i64_const(77);
  }
  static ModuleBuilder module() {
    ModuleBuilder module;
    module.tag({{ValType::i64}, {}});
    const WasmBytes code = before().op(Op::throw_).u32(0).end().op(Op::unreachable).end();
    module.export_("f", ExternKind::Func, module.func({{}, {ValType::i64}}, code));
    return module;
  }
  // The result is what the slot holds, with all registers that could be stale on top.
  static void write(HandCode& code, const Hand& hand) {
    using namespace x64;
    const uint32_t at = testing::body_offset(module().build(), 0);
    code.begin_checked(hand.frame);
    code.a.mov_u32(rax, 77);
    code.a.mov(W64, mem(rsp, 0), rax);
    for (const Gpr reg : {rcx, rdx, rbx, rbp, rdi, r8, r9, r10, r11, r12, r13}) {
      code.a.mov_i64(reg, static_cast<int64_t>(kStale));
    }
    code.a.xor_(W32, rsi, rsi);
    code.call_builtin(abi::Builtin::throw_new, at + static_cast<uint32_t>(before().bytes().size()));
    code.trap(Trap::unreachable, at);
    for (uint32_t i = hand.others; i > 0; --i) {
      code.handler(at + 2, i, 1);
      code.trap(Trap::unreachable, at);
    }
    if (hand.has_handler) {
      code.handler(at + 2 + static_cast<uint32_t>(hand.handler_at), hand.clause, hand.slots);
    }
    for (const Gpr reg : {rcx, rdx, rbx, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13}) {
      code.a.add(W64, rax, reg);
    }
    code.a.add(W64, rax, mem(rsp, 0));
    code.end_checked(at);
  }
  std::string end(const Hand& hand) {
    return testing::end_in_child([&] {
      HandCode code;
      write(code, hand);
      return result(instantiate(module(), &code), "f");
    });
  }
};

TEST_F(LandingTest, AHandlerIsEnteredWithItsSlotsAndNothingInRegisters) {
  HandCode code;
  write(code, {});
  const auto loaded = load(module(), code);
  ASSERT_TRUE(loaded) << loaded.error().message();
  EXPECT_EQ(result(instantiate(module(), &code), "f"), "i64:77");
  EXPECT_EQ(store.living_exceptions(), 0u);
}

TEST_F(LandingTest, TheOrderOfHandlersInTheCodeIsFree) {
  EXPECT_EQ(end({.others = 100}), "i64:77");
  EXPECT_EQ(end({.has_handler = false, .others = 100}),
            "died of: native code has no handler for a clause that catches");
}

TEST_F(LandingTest, AClauseWithoutAHandlerEndsTheProcess) {
  constexpr const char* kMissing = "died of: native code has no handler for a clause that catches";
  EXPECT_EQ(end({.has_handler = false}), kMissing);
  EXPECT_EQ(end({.handler_at = 1}), kMissing);
  EXPECT_EQ(end({.clause = 1}), kMissing);
}

TEST_F(LandingTest, AHandlerThatTakesSomethingElseEndsTheProcess) {
  constexpr const char* kOther = "died of: what a handler takes does not fit its frame";
  EXPECT_EQ(end({.slots = 0}), kOther);
  EXPECT_EQ(end({.slots = 2}), kOther);
  EXPECT_EQ(end({.slots = UINT32_MAX}), kOther);
}

TEST_F(LandingTest, AFrameWithoutRoomForAThrowEndsTheProcess) {
  EXPECT_EQ(end({.frame = 0}), "died of: a builtin was called without slots on the guest's stack");
}

}  // namespace
}  // namespace cordon::runtime
