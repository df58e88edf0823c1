// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One instance whose functions run by different engines: whichever does, what can be seen of a call
// is the same ([D1]), how deep recursions go as well, and no stack is ever left ([S1]).
#include <gtest/gtest.h>
#include <pthread.h>

#include <functional>

#include "core/runtime/slice_end.h"
#include "tests/kit/sanitized.h"
#include "tests/kit/tail_calls.h"
#include "tests/native/split.h"
#include "tests/native/walk.h"
#include "tests/native/zeros.h"

namespace cordon {
namespace {

using engine::Engine;
using engine::Value;
using testing::Calls;
using testing::Guest;
using testing::ModuleBuilder;
using testing::push_zeros;
using testing::Split;
using testing::Walk;
using testing::WalkWorld;
using testing::WasmBytes;
using wasm::ExternKind;
using wasm::Op;
using wasm::ValType;

constexpr ValType I = ValType::i32, L = ValType::i64, D = ValType::f64, V = ValType::v128;
constexpr uint64_t kBodies = Walk::kFuncs + 1, kSplits = uint64_t{1} << kBodies;

// Runs `work` on a thread of its own with a stack of this size.
void on_thread(size_t stack_bytes, std::function<void()> work) {
  pthread_attr_t attributes;
  ASSERT_EQ(pthread_attr_init(&attributes), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, stack_bytes), 0);
  pthread_t thread;
  const auto enter = [](void* env) -> void* {
    (*static_cast<std::function<void()>*>(env))();
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&thread, &attributes, enter, &work), 0);
  ASSERT_EQ(pthread_join(thread, nullptr), 0);
}

// Two worlds with the same module: one interpreted, one split.
struct Two {
  explicit Two(engine::Config settings, const ModuleBuilder& module)
      : reference(with(settings, Engine::Interp)),
        world(with(settings, Engine::Jit)),
        expected(reference.instantiate(module)),
        instance(world.instantiate(module)),
        split(instance) {}
  static engine::Config with(engine::Config settings, Engine engine) {
    settings.engine = engine;
    return settings;
  }
  WalkWorld reference, world;
  runtime::Instance &expected, &instance;
  Split split;
};

TEST(Switching, EveryWalkIsTheSameInEverySplit) {
  for (const Calls calls : {Calls::ByTable, Calls::Direct}) {
    Two two({.fuel = 100'000'000}, testing::walk_module(calls));
    for (const Walk& walk : testing::random_walks(200, 40)) {
      const int64_t fuel = two.reference.execution.fuel;
      const std::string expected = two.reference.seen(two.expected, walk);
      for (uint64_t mask = 0; mask < kSplits; ++mask) {
        two.split.set(mask);
        two.world.execution.fuel = fuel;
        ASSERT_EQ(two.world.seen(two.instance, walk), expected)
            << walk.path << " " << walk.steps << " " << walk.end << " split " << mask;
      }
    }
  }
}

TEST(Switching, FuelEndsAtTheSamePlaceInEverySplit) {
  Two two({.fuel = 1000}, testing::walk_module(Calls::ByTable));
  for (const Walk& walk : testing::random_walks(6, 12)) {
    for (int64_t fuel = 0; fuel < 400; ++fuel) {
      two.reference.execution.fuel = fuel;
      const std::string expected = two.reference.seen(two.expected, walk);
      for (uint64_t mask = 1; mask < kSplits; mask += 3) {
        two.split.set(mask);
        two.world.execution.fuel = fuel;
        ASSERT_EQ(two.world.seen(two.instance, walk), expected) << fuel << " split " << mask;
      }
    }
  }
}

// Stacks in which the walk has room, or ends before.
TEST(Switching, StacksEndAtTheSamePlaceInEverySplit) {
  for (uint64_t stack = 0; stack < 4000; stack += 56) {
    Two two({.stack_bytes = stack, .fuel = 1000}, testing::walk_module(Calls::ByTable));
    for (const Walk& walk : testing::random_walks(5, 30)) {
      two.reference.execution.fuel = two.world.execution.fuel = 1'000'000;
      const std::string expected = two.reference.seen(two.expected, walk);
      for (uint64_t mask = 1; mask < kSplits; mask += 2) {
        two.split.set(mask);
        two.world.execution.fuel = 1'000'000;
        ASSERT_EQ(two.world.seen(two.instance, walk), expected)
            << stack << " bytes, " << walk.path << " split " << mask;
      }
    }
  }
}

struct Shape {
  const char* name;
  std::vector<ValType> params, results;
  uint32_t locals;
};
const std::vector<Shape> kShapes = {
    {"small", {}, {}, 0},
    {"parameters on the stack", {L, L, L, L, L, L, L, L, L, D, V}, {I}, 1},
    {"results in memory", {I}, {I, L, D, V}, 3},
    {"just small", {I}, {I}, 506},
    {"just large", {I}, {I}, 509},
};

// Function 0 calls function 1 and that one function 0, by the table, without end; "depth" counts.
ModuleBuilder endless(const Shape& shape) {
  ModuleBuilder module;
  const wasm::FuncType of_both{shape.params, shape.results};
  const uint32_t type = module.type(of_both);
  module.table({ValType::funcref, {2}});
  const uint32_t counter = module.global({I, true}, WasmBytes().i32_const(0));
  std::vector<uint32_t> funcs;
  for (int32_t other : {1, 0}) {
    WasmBytes code;
    code.op(Op::global_get).u32(counter).i32_const(1).op(Op::i32_add);
    code.op(Op::global_set).u32(counter);
    push_zeros(code, shape.params);
    code.i32_const(other).op(Op::call_indirect).u32(type).u32(0);
    funcs.push_back(module.func(of_both, code, {{shape.locals + static_cast<uint32_t>(other), L}}));
  }
  module.elem(0, funcs);
  module.export_("f", ExternKind::Func, funcs[0]);
  module.export_("depth", ExternKind::Global, counter);
  return module;
}

std::string depth_of(testing::World& world, runtime::Instance& instance) {
  *instance.global_cells[0] = 0;
  std::vector<Value> args;
  for (const ValType type : testing::must(engine::find_func(instance, "f"))->type->params) {
    args.push_back(Value::of_slots(type, std::array<uint64_t, 2>{}.data()));
  }
  std::string text = world.result(instance, "f", args);
  return text + " at " + world.trace() + ", depth " + std::to_string(*instance.global_cells[0]);
}

void expect_equal_depths(const Shape& shape, uint64_t stack) {
  Two two({.stack_bytes = stack}, endless(shape));
  const std::string expected = depth_of(two.reference, two.expected);
  EXPECT_TRUE(expected.starts_with("trap: call stack exhausted")) << expected;
  for (uint64_t mask = 0; mask < 4; ++mask) {
    two.split.set(mask);
    ASSERT_EQ(depth_of(two.world, two.instance), expected)
        << shape.name << ", " << stack << " bytes, split " << mask;
  }
}

TEST(Switching, RecursionsAreAsDeepInEverySplit) {
  for (const Shape& shape : kShapes) {
    for (uint64_t stack = 0; stack < 60000; stack += stack < 1200 ? 8 : 1016) {
      expect_equal_depths(shape, stack);
    }
  }
}

// [S1] What the default stack has room for, on a thread that is large enough for two engines in
// turn: with the smallest frames too.
TEST(Switching, RecursionsAreAsDeepInEverySplitByDefault) {
  if (testing::kSanitized) GTEST_SKIP() << "a sanitizer's frames are several times as large";
  const engine::Config config;
  for (const Shape& shape : kShapes) {
    on_thread(size_t{80} << 20, [&] { expect_equal_depths(shape, config.stack_bytes); });
  }
}

// A thread without room for all of it: shallower, but a trap.
TEST(Switching, ASmallThreadEndsARecursion) {
  const engine::Config config;
  for (const size_t thread : {size_t{512} << 10, size_t{8} << 20}) {
    on_thread(thread, [&] {
      for (const Shape& shape : kShapes) {
        Two two({.stack_bytes = 16 * config.stack_bytes}, endless(shape));
        for (uint64_t mask = 0; mask < 4; ++mask) {
          two.split.set(mask);
          const std::string end = depth_of(two.world, two.instance);
          EXPECT_TRUE(end.starts_with("trap: call stack exhausted")) << end;
          EXPECT_EQ(two.world.execution.nesting, 0u);
        }
      }
    });
  }
}

// [S1] Functions 0 and 1 hand over to each other by tail calls; "within" is called by a third one.
TEST(Switching, TailCallsBetweenEnginesTakeNoStack) {
  ModuleBuilder module;
  const uint32_t type = module.type({{I}, {I}});
  module.table({ValType::funcref, {2}});
  const auto next = [&](int32_t other) {
    return testing::countdown(
        WasmBytes().i32_const(other).append(testing::return_call_indirect(type)));
  };
  const uint32_t first = module.func({{I}, {I}}, next(1));
  module.elem(0, {first, module.func({{I}, {I}}, next(0), {{5, L}})});
  WasmBytes within;
  within.local_get(0).i32_const(0).op(Op::call_indirect).u32(type).u32(0);
  module.export_("f", ExternKind::Func, first);
  module.export_("within", ExternKind::Func,
                 module.func({{I}, {I}}, within.i32_const(1).op(Op::i32_add)));
  Two two({.stack_bytes = 1000}, module);
  for (const uint64_t mask : {1, 2, 5, 6}) {
    two.split.set(mask);
    const auto calls = static_cast<uint32_t>(testing::kManyTailCalls / (mask == 1 ? 10 : 100));
    EXPECT_EQ(two.world.result(two.instance, "f", {Value::i32(calls)}), "i32:42") << mask;
    EXPECT_EQ(two.world.result(two.instance, "within", {Value::i32(calls)}), "i32:43") << mask;
  }
}

// Acts at one end of a slice.
class AtSlice final : public runtime::SliceEnd {
 public:
  AtSlice(uint64_t slice, std::function<Trap()> act) : left_(slice), act_(std::move(act)) {}
  Trap slice_ended(runtime::Execution&, runtime::Func&, uint32_t, uint64_t) override {
    if (left_-- != 0) return Trap::none;
    has_acted_ = true;
    return act_();
  }
  bool has_acted() const { return has_acted_; }

 private:
  uint64_t left_;
  std::function<Trap()> act_;
  bool has_acted_ = false;
};

TEST(Switching, FunctionsBecomeNativeWhileTheyRun) {
  Two two({.fuel = 100'000'000}, testing::walk_module(Calls::ByTable));
  two.world.execution.hotness.set_mean_slice(1);
  uint64_t slices = 0;
  for (const Walk& walk : testing::random_walks(40, 30)) {
    const int64_t fuel = two.reference.execution.fuel;
    const std::string expected = two.reference.seen(two.expected, walk);
    bool has_acted = true;
    for (uint64_t slice = 0; has_acted; ++slice) {
      two.split.set(slice % 3);
      const auto hook = std::make_shared<AtSlice>(slice, [&] {
        two.split.set(slice % 3 | slice * 5);
        return Trap::none;
      });
      two.instance.on_slice = hook;
      two.world.execution.fuel = fuel;
      ASSERT_EQ(two.world.seen(two.instance, walk), expected) << "slice " << slice;
      has_acted = hook->has_acted();
      ++slices;
    }
  }
  EXPECT_GT(slices, 400u);
}

// At an entry, by a call and by a tail call, and where something is thrown. With `loop`, at a
// round.
TEST(Switching, ASliceEndMayEndTheRun) {
  WalkWorld world({.fuel = 100'000'000});
  runtime::Instance& instance =
      world.instantiate(testing::walk_module(Calls::ByTable), Engine::Interp);
  world.execution.hotness.set_mean_slice(1);
  const Walk walk{0x1b1b'1b1b, 16, 3};
  const std::string expected = world.seen(instance, walk);
  uint64_t slice = 0;
  for (bool has_acted = true; has_acted; ++slice) {
    const auto hook = std::make_shared<AtSlice>(slice, [] { return Trap::host_exit; });
    instance.on_slice = hook;
    world.execution.fuel = 100'000'000;
    const std::string seen = world.seen(instance, walk);
    has_acted = hook->has_acted();
    if (has_acted)
      EXPECT_TRUE(seen.starts_with("trap: ") && seen.find(" at ") == std::string::npos);
    ASSERT_EQ(world.execution.nesting, 0u);
  }
  EXPECT_GT(slice, 16u);
  instance.on_slice = nullptr;
  world.execution.fuel = 100'000'000;
  world.execution.slice = 0;
  EXPECT_EQ(world.seen(instance, walk).substr(0, 20), expected.substr(0, 20));
}

TEST(Switching, ASliceEndMayEndALoop) {
  ModuleBuilder module;
  WasmBytes code;
  code.block(Op::loop).br(0).end();
  module.export_("f", ExternKind::Func, module.func({}, code));
  testing::World world;
  runtime::Instance& instance = world.instantiate(module);
  instance.on_slice = std::make_shared<AtSlice>(1000, [] { return Trap::host_exit; });
  EXPECT_EQ(world.call(instance, "f").trap, Trap::host_exit);
  EXPECT_TRUE(world.execution.trace.empty());
}

}  // namespace
}  // namespace cordon
