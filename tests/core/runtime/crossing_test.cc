// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// [B1] Calls and tail calls of the runtime in code that was not verified: what a callee passes in
// memory must lie in what its activation has of the guest's stack, and who goes on in place of a
// function must have its results. Otherwise the process ends.
#include <algorithm>

#include "tests/core/runtime/hand_calls.h"
#include "tests/core/runtime/in_child.h"
#include "tests/core/runtime/native_fixture.h"

namespace cordon::runtime {
namespace {

using testing::HandCode;
using testing::ModuleBuilder;
using testing::WasmBytes;
using wasm::ExternKind;
using wasm::ValType;
using namespace x64;

enum Imports : uint32_t { kNothing, kWide, kManyResults, kOther };
// Functions with a body; all but the first have no code.
enum Own : uint32_t { kSelf = kOther + 1, kOwnNothing, kOwnWide, kOwnManyResults, kOwnOther };
constexpr const char* kNoSlots = "died of: a call was made without its slots on the guest's stack";

class CrossingTest : public NativeTest {
 protected:
  CrossingTest() {
    const auto nothing = [](void*, HostCall&, const uint64_t*, uint64_t*) { return Trap::none; };
    linker.define_func("host", "nothing", {}, nothing, nullptr);
    linker.define_func("host", "wide", {std::vector<ValType>(8, ValType::i64), {}}, nothing,
                       nullptr);
    linker.define_func(
        "host", "many", {{}, std::vector<ValType>(3, ValType::i64)},
        [](void*, HostCall&, const uint64_t*, uint64_t* results) {
          std::fill_n(results, 3, uint64_t{0});
          return Trap::none;
        },
        nullptr);
    ModuleBuilder other;
    other.export_("one", ExternKind::Func,
                  other.func({{}, {ValType::i64}}, WasmBytes().i64_const(-1)));
    linker.define_instance("other", instantiate(other, nullptr));
  }

  static ModuleBuilder module() {
    ModuleBuilder module;
    module.import_func("host", "nothing", {});
    module.import_func("host", "wide", {std::vector<ValType>(8, ValType::i64), {}});
    module.import_func("host", "many", {{}, std::vector<ValType>(3, ValType::i64)});
    module.import_func("other", "one", {{}, {ValType::i64}});
    module.export_("f", ExternKind::Func, module.func({{}, {}}, WasmBytes()));
    module.func({{}, {}}, WasmBytes());
    module.func({std::vector<ValType>(8, ValType::i64), {}}, WasmBytes());
    module.func({{}, std::vector<ValType>(3, ValType::i64)},
                WasmBytes().i64_const(1).i64_const(2).i64_const(3));
    module.func({{}, {ValType::i64}}, WasmBytes().i64_const(-1));
    return module;
  }

  // How a function ends that tail calls another one: one that the host called, or one that such a
  // one called, from a frame of this size.
  std::string end(uint32_t func) {
    return run([func](HandCode& code, uint32_t at) {
      code.begin_checked();
      leave_to(code, func, at);
    });
  }
  std::string end_within(uint32_t frame, uint32_t func) {
    return run([frame, func](HandCode& code, uint32_t at) {
      const Label inner = code.a.new_label();
      code.begin_checked(frame);
      code.a.test(W32, r12, r12);
      code.a.jcc(Cond::NotEqual, inner);
      code.a.mov_u32(r12, 1);
      code.call_self(at);
      code.a.add(W64, rsp, frame);
      code.a.ret();
      code.a.bind(inner);
      code.leader();
      code.a.add(W64, rsp, frame);
      leave_to(code, func, at);
    });
  }

  // How one ends that calls a function with a body, from a frame of this size.
  std::string end_after(uint32_t frame, uint32_t func) {
    return run([frame, func](HandCode& code, uint32_t at) {
      code.begin_checked(frame);
      code.a.mov_u32(r11, func);
      code.call_builtin(abi::Builtin::call_own, at);
      code.end_checked(at);
    });
  }

 private:
  static void leave_to(HandCode& code, uint32_t func, uint32_t at) {
    const bool is_import = func < kSelf;
    code.a.mov_u32(r11, func);
    code.a.jmp(mem(r14, abi::offset_of(is_import ? abi::Builtin::return_call_import
                                                 : abi::Builtin::return_call_own)));
    code.end_checked(at);
  }
  template <class Write>
  std::string run(Write write) {
    return testing::end_in_child([&] {
      HandCode code;
      write(code, testing::body_offset(module().build(), 0));
      return "returned " + result(instantiate(module(), &code), "f");
    });
  }
};

TEST_F(CrossingTest, ATailCallWithItsSlotsReturns) {
  EXPECT_EQ(end(kNothing), "returned ");
  EXPECT_EQ(end_within(16, kNothing), "returned ");
  EXPECT_EQ(end_within(16, kWide), "returned ");
  EXPECT_EQ(end_within(16, kManyResults), "returned ");
  EXPECT_EQ(end(kOwnNothing), "returned ");
  EXPECT_EQ(end_within(16, kOwnWide), "returned ");
  EXPECT_EQ(end_within(16, kOwnManyResults), "returned ");
}

TEST_F(CrossingTest, ACallWithItsSlotsReturns) {
  EXPECT_EQ(end_after(0, kOwnNothing), "returned ");
  EXPECT_EQ(end_after(16, kOwnWide), "returned ");
  EXPECT_EQ(end_after(16, kOwnManyResults), "returned ");
}

TEST_F(CrossingTest, ACallWithoutItsSlotsEndsTheProcess) {
  EXPECT_EQ(end_after(0, kOwnWide), kNoSlots);
  EXPECT_EQ(end_after(8, kOwnManyResults), kNoSlots);
}

TEST_F(CrossingTest, ArgumentsAboveTheStackEndTheProcess) {
  EXPECT_EQ(end(kWide), kNoSlots);
  EXPECT_EQ(end(kOwnWide), kNoSlots);
}

TEST_F(CrossingTest, ResultsAboveTheStackEndTheProcess) { EXPECT_EQ(end(kManyResults), kNoSlots); }

// They would be written over the address at which the host goes on.
TEST_F(CrossingTest, SlotsOverTheReturnAddressOfTheEntryEndTheProcess) {
  EXPECT_EQ(end_within(8, kManyResults), kNoSlots);
  EXPECT_EQ(end_within(8, kWide), kNoSlots);
}

// The caller of the function that ends has room for its results alone.
TEST_F(CrossingTest, ASuccessorWithOtherResultsEndsTheProcess) {
  EXPECT_EQ(end(kOther), "died of: a tail call of a function with other results");
  EXPECT_EQ(end(kOwnOther), "died of: a tail call of a function with other results");
}

}  // namespace
}  // namespace cordon::runtime
