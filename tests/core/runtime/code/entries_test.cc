// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Functions get code, and other code, while their instance is there: how calls of each kind notice,
// and what becomes of frames of the code before.
#include "core/runtime/code/entries.h"

#include "tests/core/runtime/native_fixture.h"

namespace cordon::runtime {
namespace {

using wasm::ExternKind;
using wasm::ValType;
using x64::W32;
using enum x64::Gpr;

constexpr uint32_t kPieceSize = abi::kCodePage;

// Body i of the module, interpreted, gives 10 + i; code for it says what it gives.
class EntriesTest : public NativeTest {
 protected:
  void SetUp() override {
    NativeTest::SetUp();
    linker.define_func(
        "host", "meanwhile", {{}, {}},
        [](void* self, HostCall&, const uint64_t*, uint64_t*) {
          return static_cast<EntriesTest*>(self)->meanwhile();
        },
        this);
    ModuleBuilder module;
    const uint32_t host = module.import_func("host", "meanwhile", {{}, {}});
    for (const char* name : {"f", "g"}) {
      const uint32_t index = module.func(
          {{}, {ValType::i32}}, WasmBytes().i32_const(static_cast<int32_t>(10 + table_.size())));
      module.export_(name, ExternKind::Func, index);
      table_.push_back(index);
    }
    module.table({ValType::funcref, {2, 2, true}});
    module.elem(0, table_);
    module.export_("table", ExternKind::Table, 0);
    EXPECT_EQ(host, 0u);
    const auto loaded = testing::must(World::load(module.build(), engine::Engine::Interp));
    space_ = *CodeSpace::create(loaded.module, 16 * kPieceSize);
    instance_ = &another(loaded.module);
  }
  Instance& another(std::shared_ptr<const wasm::ValidatedModule> module) {
    return World::instantiate({std::move(module), space_, {}, {}});
  }

  // The next piece of code, of this body.
  void publish(uint32_t body, void (*write)(HandCode&, uint32_t), uint32_t value,
               bool calls_ahead = false, bool is_last = false) {
    const auto number = static_cast<uint32_t>(space_->units().size());
    HandCode code;
    code.place = {body, number * kPieceSize};
    write(code, value);
    ASSERT_TRUE(code.publish(*space_, {&space_->module(), 0, number, calls_ahead, is_last}));
  }
  static void give(HandCode& code, uint32_t value) {
    code.begin();
    code.a.mov_u32(rax, value);
    code.end_with_return();
  }
  void replace() {
    publish(0, give, 30);
    take_code(*instance_);
  }
  std::string f() { return result(*instance_, "f"); }
  std::string g() { return result(*instance_, "g"); }

  std::vector<uint32_t> table_;
  std::function<Trap()> meanwhile;
  std::shared_ptr<CodeSpace> space_;
  Instance* instance_ = nullptr;
};

TEST_F(EntriesTest, AFunctionIsInterpretedUntilItsCodeIsTaken) {
  EXPECT_EQ(f(), "i32:10");
  publish(0, give, 20);
  EXPECT_EQ(f(), "i32:10") << "published, not taken";
  take_code(*instance_);
  EXPECT_EQ(f(), "i32:20");
  EXPECT_EQ(g(), "i32:11");
  publish(1, give, 21);
  take_code(*instance_);
  EXPECT_EQ(f() + " " + g(), "i32:20 i32:21");
  take_code(*instance_);
  EXPECT_EQ(instance_->units_taken, 2u);
}

TEST_F(EntriesTest, AnInstanceTakesWhatIsThereWhenItIsMade) {
  publish(1, give, 21);
  const Instance& late = another(instance_->module);
  EXPECT_EQ(result(late, "f"), "i32:10");
  EXPECT_EQ(result(late, "g"), "i32:21");
  EXPECT_EQ(g(), "i32:11") << "each instance takes for itself";
}

TEST_F(EntriesTest, TheNewerCodeOfAFunctionCounts) {
  publish(0, give, 20);
  publish(0, give, 30);
  take_code(*instance_);
  EXPECT_EQ(f(), "i32:30");
  publish(0, give, 40);
  take_code(*instance_);
  EXPECT_EQ(f(), "i32:40");
  for (const CodeUnit* unit : space_->units()) {
    EXPECT_EQ(space_->unit_at(unit->entry(0)), unit) << "the older is still there";
  }
}

// By import and by table, out of another instance, between two of its calls.
TEST_F(EntriesTest, CallsOfOtherInstancesGoToTheNewCode) {
  ModuleBuilder module;
  const uint32_t f = module.import_func("a", "f", {{}, {ValType::i32}});
  const uint32_t host = module.import_func("host", "meanwhile", {{}, {}});
  const uint32_t table = module.import_table("a", "table", {ValType::funcref, {2, 2, true}});
  const auto both = [&](WasmBytes& code) {
    code.call(f).i32_const(1).op(wasm::Op::call_indirect);
    code.u32(module.type({{}, {ValType::i32}})).u32(table);
  };
  WasmBytes code;
  both(code);
  code.call(host);
  both(code);
  module.export_("run", ExternKind::Func,
                 module.func({{}, std::vector<ValType>(4, ValType::i32)}, code));
  linker.define_instance("a", *instance_);
  meanwhile = [&] {
    publish(0, give, 20);
    publish(1, give, 21);
    take_code(*instance_);
    return Trap::none;
  };
  EXPECT_EQ(result(instantiate(module, nullptr), "run"), "i32:10 i32:11 i32:20 i32:21");
}

// Code that calls the host, and then gives `value`, or traps if that is 0.
void wait_then_give(testing::HandCode& code, uint32_t value) {
  code.begin(8);
  code.a.mov_u32(rsi, 0);
  code.call_builtin(abi::Builtin::call_import, 70);
  code.a.mov_u32(rax, value);
  if (value == 0) {
    code.trap(Trap::unreachable, 71);
    code.end();
  } else {
    code.end_with_return();
  }
}

TEST_F(EntriesTest, AFrameGoesOnInTheCodeThatItIsOf) {
  publish(0, wait_then_give, 20);
  take_code(*instance_);
  meanwhile = [&] { return replace(), Trap::none; };
  EXPECT_EQ(f(), "i32:20");
  EXPECT_EQ(f(), "i32:30");
}

TEST_F(EntriesTest, TrapsOfOlderCodeAreFound) {
  publish(0, wait_then_give, 0);
  take_code(*instance_);
  meanwhile = [&] { return replace(), Trap::none; };
  EXPECT_EQ(f(), "trap: unreachable");
  EXPECT_EQ(trace(), "1@71");
  EXPECT_EQ(f(), "i32:30");
}

TEST_F(EntriesTest, CallsOfOlderCodeAreFound) {
  publish(0, wait_then_give, 20);
  take_code(*instance_);
  meanwhile = [&] { return replace(), Trap::host_failure; };
  EXPECT_EQ(f(), "trap: a host function failed");
  EXPECT_EQ(trace(), "1@70");
  EXPECT_EQ(f(), "i32:30");
}

// What calls functions that have no place yet is entered once they have.
TEST_F(EntriesTest, CodeThatCallsAheadWaits) {
  publish(0, give, 20, true);
  publish(1, give, 21);
  take_code(*instance_);
  EXPECT_EQ(f() + " " + g(), "i32:10 i32:11") << "in the order in which they were published";
  EXPECT_EQ(instance_->units_taken, 0u);
  publish(1, give, 31, false, true);
  take_code(*instance_);
  EXPECT_EQ(f() + " " + g(), "i32:20 i32:31");
}

// [C1] A function has its code with the context of its instance, or neither.
TEST_F(EntriesTest, ViewsAreWhole) {
  publish(1, give, 21);
  take_code(*instance_);
  const abi::FuncView& f = instance_->funcs[1]->view;
  const abi::FuncView& g = instance_->funcs[2]->view;
  EXPECT_EQ(f.entry, nullptr);
  EXPECT_EQ(f.context, nullptr);
  EXPECT_EQ(g.entry, space_->units()[0]->entry(0));
  EXPECT_EQ(g.context, &instance_->context->get());
}

TEST_F(EntriesTest, AnInstanceTakesNoCodeOfAnotherModule) {
  ModuleBuilder module;
  module.func({{}, {}}, WasmBytes());
  const auto other = testing::must(World::load(module.build(), engine::Engine::Interp));
  EXPECT_DEATH((void)another(other.module), "CHECK failed");
}

}  // namespace
}  // namespace cordon::runtime
