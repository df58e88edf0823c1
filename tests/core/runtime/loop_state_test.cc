// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// [B1] [R1] [R2] Entries at a loop, written by hand and not verified: what the interpreter had
// comes to the slots above the window, as the guest may see it; an entry that takes another state
// ends the process; and where there is no entry, or no room for it, the interpreter goes on.
#include "core/runtime/loop_state.h"

#include <utility>

#include "core/interp/interpreter.h"
#include "core/runtime/slice_end.h"
#include "tests/core/runtime/in_child.h"
#include "tests/core/runtime/native_fixture.h"

namespace cordon::runtime {
namespace {

using testing::HandCode;
using testing::ModuleBuilder;
using testing::WasmBytes;
using wasm::ExternKind;
using wasm::Op;
using wasm::ValType;

constexpr wasm::V128 kVector{0x0102030405060708, 0x1112131415161718};
constexpr uint32_t kSlots = 8, kFrame = 16, kInterpreted = 1000;

// What the entry is like, and which slot of its state the function returns.
struct Hand {
  uint32_t slots = kSlots, slot = 0;
  int32_t loop_at = 0;  // from where the loop is
  bool adds_registers = false;
};

class LoopStateTest : public NativeTest {
 protected:
  // Locals, and an operand of -2 below the loop, which counts local 1 down from 100.
  static WasmBytes before() {
    return WasmBytes()
        .i32_const(100)
        .local_set(1)
        .op(Op::ref_func)
        .u32(0)
        .local_set(2)
        .v128_const(kVector)
        .local_set(3)
        .i32_const(-2);
  }
  static ModuleBuilder module() {
    ModuleBuilder module;
    WasmBytes code = before().block(Op::loop).local_get(1).i32_const(1).op(Op::i32_sub);
    code.local_tee(1).br_if(0).end().op(Op::drop).i64_const(kInterpreted);
    const std::vector<testing::Locals> locals{
        {1, ValType::i32}, {1, ValType::funcref}, {1, ValType::v128}, {2, ValType::externref}};
    const uint32_t f = module.func({{ValType::i64}, {ValType::i64}}, code, locals);
    module.export_("f", ExternKind::Func, f);
    return module;
  }
  // Runs of locals come before the first instruction.
  static uint32_t loop_at(const Instance& instance) {
    const auto before_loop = static_cast<uint32_t>(before().bytes().size());
    return instance.funcs[0]->code->body().code.offset + before_loop;
  }

  // The function is entered in native code at its loop alone.
  static void write(HandCode& code, const Hand& hand, uint32_t loop_at) {
    using namespace x64;
    code.begin_checked(kFrame);
    code.trap(Trap::unreachable, loop_at);
    code.loop_entry(loop_at + static_cast<uint32_t>(hand.loop_at), hand.slots);
    if (hand.adds_registers) {
      for (const Gpr reg : {rcx, rdx, rbx, rbp, rsi, rdi, r8, r9, r10, r12, r13}) {
        code.a.add(W64, rax, reg);
      }
    } else {
      code.a.mov(W64, rax, mem(rsp, kFrame + 8 + 8 * int64_t{hand.slot}));
    }
    code.end_checked(loop_at);
  }
  // Gives f its code back.
  class Arrival final : public SliceEnd {
   public:
    explicit Arrival(Func& func)
        : view_(std::exchange(func.view, abi::FuncView{nullptr, nullptr, func.view.type_id})) {}
    Trap slice_ended(Execution&, Func& func, uint32_t, uint64_t) override {
      func.view = view_;
      return Trap::none;
    }

   private:
    const abi::FuncView view_;
  };
  // Calls f(5), whose code arrives where its first slice of fuel ends, in the third round of the
  // loop.
  std::string run(const Hand& hand) {
    HandCode code;
    write(code, hand, loop_at(instantiate(module(), nullptr)));
    return run(instantiate(module(), &code));
  }
  std::string run(Instance& instance) {
    Func& func = *instance.funcs[0];
    func.checked_bytes = 0;
    instance.on_slice = std::make_shared<Arrival>(func);
    execution.hotness.stop();
    execution.slice = func.entry_fuel + 3 * kRoundFuel - 1;
    const uint64_t arg = 5;
    uint64_t result = 0;
    const Trap trap = interp::invoke(execution, func, &arg, &result);
    return trap == Trap::none ? std::to_string(result) : std::string(trap_name(trap));
  }
  std::string end(const Hand& hand) {
    return testing::end_in_child([&] { return run(hand); });
  }
  static constexpr int64_t kRoundFuel = 5;
};

TEST_F(LoopStateTest, EachValueIsInItsSlot) {
  // A reference is a handle, an i32 has no upper half, a vector has both of its own.
  const uint64_t expected[kSlots] = {
      5, 98, References::handle_of_func(0), kVector.low, kVector.high, 0, 0, 0xFFFF'FFFE};
  for (uint32_t i = 0; i < kSlots; ++i) {
    EXPECT_EQ(run({.slot = i}), std::to_string(expected[i])) << i;
  }
  EXPECT_EQ(execution.loops_entered, kSlots);
}

TEST_F(LoopStateTest, NothingIsInRegisters) { EXPECT_EQ(run({.adds_registers = true}), "0"); }

TEST_F(LoopStateTest, AnEntryThatTakesAnotherStateEndsTheProcess) {
  constexpr const char* kOther = "died of: native code takes another state of a loop than there is";
  for (const uint32_t slots : {0U, 1U, kSlots - 1, kSlots + 1, 4096U}) {
    EXPECT_EQ(end({.slots = slots}), kOther) << slots;
  }
}

TEST_F(LoopStateTest, WithoutAnEntryTheInterpreterGoesOn) {
  EXPECT_EQ(run({.loop_at = 1}), std::to_string(kInterpreted));
  EXPECT_EQ(run({.loop_at = -1}), std::to_string(kInterpreted));
  EXPECT_EQ(execution.loops_entered, 0u);
}

TEST_F(LoopStateTest, WithoutRoomTheInterpreterGoesOn) {
  EXPECT_EQ(run({.slots = UINT32_MAX}), std::to_string(kInterpreted));
  EXPECT_EQ(run({.slots = 1U << 29}), std::to_string(kInterpreted));
  HandCode code;
  write(code, {}, loop_at(instantiate(module(), nullptr)));
  Instance& instance = instantiate(module(), &code);
  GuestStack& stack = *instance.stack;
  // The state of eight slots, and the return address; a small frame may be below the limit.
  stack.top = stack.limit() + 8 * kSlots + 7;
  EXPECT_EQ(run(instance), std::to_string(kInterpreted));
  stack.top = stack.limit() + 8 * kSlots + 8;
  EXPECT_EQ(run(instance), "5");
  EXPECT_EQ(execution.loops_entered, 1u);
}

TEST_F(LoopStateTest, TheVerifierAcceptsSuchAnEntry) {
  HandCode code;
  using namespace x64;
  const uint32_t loop = loop_at(instantiate(module(), nullptr));
  const Label head = code.a.new_label();
  code.begin_checked(kFrame);
  code.a.xor_(W32, rax, rax);
  code.a.bind(head);
  code.leader();
  code.later = [&] {
    code.loop_entry(loop, kSlots);
    code.a.mov(W64, rax, mem(rsp, kFrame + 8 + 8 * 1));
    code.a.jmp(head);
  };
  code.end_checked(loop);
  const auto loaded = load(module(), code);
  ASSERT_TRUE(loaded) << loaded.error().message();
  EXPECT_EQ(run(World::instantiate(*loaded)), "98");
}

}  // namespace
}  // namespace cordon::runtime
