// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// [S1] Instances that call each other without end, on threads with small and large stacks of their
// own: natively, interpreted, mixed, and by way of the host. Each ends in a trap; no thread ever
// leaves its stack.
#include <gtest/gtest.h>
#include <pthread.h>
#include <ucontext.h>

#include <deque>

#include "core/embed/jit_code_source.h"
#include "core/engine/instantiate.h"
#include "core/engine/invoke.h"
#include "core/engine/pipeline.h"
#include "tests/kit/module_builder.h"

namespace cordon {
namespace {

using engine::Engine;
using engine::Value;
using testing::ModuleBuilder;
using testing::WasmBytes;
using wasm::ExternKind;
using wasm::Op;
using wasm::ValType;

enum class Way : uint8_t { ByTable, ByImport, ByHost };

struct Case {
  const char* name;
  Engine first, second;
  Way way;
};
constexpr Case kCases[] = {
    {"native, native", Engine::Jit, Engine::Jit, Way::ByTable},
    {"native, interpreted", Engine::Jit, Engine::Interp, Way::ByTable},
    {"interpreted, native", Engine::Interp, Engine::Jit, Way::ByTable},
    {"interpreted, interpreted", Engine::Interp, Engine::Interp, Way::ByTable},
    {"native, native, by import", Engine::Jit, Engine::Jit, Way::ByImport},
    {"interpreted, native, by import", Engine::Interp, Engine::Jit, Way::ByImport},
    {"native, native, by the host", Engine::Jit, Engine::Jit, Way::ByHost},
    {"native, interpreted, by the host", Engine::Jit, Engine::Interp, Way::ByHost},
    {"interpreted, interpreted, by the host", Engine::Interp, Engine::Interp, Way::ByHost},
};

// Two instances whose "f" calls the other's; each call counts up a global, and the parameter down
// to the end.
class World {
 public:
  explicit World(const Case& which) {
    linker_.define("shared", "table", *store_.add_table({ValType::funcref, {2, 2, true}}));
    linker_.define("shared", "count", *store_.add_global({ValType::i32, true}, uint64_t{0}));
    linker_.define_func("host", "back0", {{ValType::i32}, {ValType::i32}}, back<0>, this);
    linker_.define_func("host", "back1", {{ValType::i32}, {ValType::i32}}, back<1>, this);
    // By import only the second can know the first; the first goes by the table.
    first_ = &add(0, which.first, which.way == Way::ByImport ? Way::ByTable : which.way);
    linker_.define_instance("first", *first_);
    second_ = &add(1, which.second, which.way);
  }

  std::string call(uint32_t depth) {
    auto outcome = engine::invoke(execution_, *first_, "f", std::vector<Value>{Value::i32(depth)});
    if (!outcome) return outcome.error().message();
    std::string out(trap_name(outcome->trap));
    for (const Value& value : outcome->results) out += " " + to_typed_text(value);
    return out;
  }
  runtime::Store& store() { return store_; }

 private:
  template <int kWhich>
  static Trap back(void* env, runtime::HostCall&, const uint64_t* args, uint64_t* results) {
    auto& world = *static_cast<World*>(env);
    const runtime::Instance& callee = kWhich == 0 ? *world.first_ : *world.second_;
    auto outcome = engine::invoke(world.execution_, callee, "f",
                                  std::vector<Value>{Value::i32(static_cast<uint32_t>(args[0]))});
    if (!outcome) return Trap::host_failure;
    if (outcome->trap == Trap::none) results[0] = outcome->results[0].slot;
    return outcome->trap;
  }

  ModuleBuilder module(uint32_t which, Way way) const {
    const wasm::FuncType type{{ValType::i32}, {ValType::i32}};
    ModuleBuilder module;
    const uint32_t other = way == Way::ByImport ? module.import_func("first", "f", type)
                           : way == Way::ByHost
                               ? module.import_func("host", which == 0 ? "back1" : "back0", type)
                               : 0;
    module.import_table("shared", "table", {ValType::funcref, {2, 2, true}});
    module.import_global("shared", "count", {ValType::i32, true});
    WasmBytes code;
    code.op(Op::global_get).u32(0).i32_const(1).op(Op::i32_add).op(Op::global_set).u32(0);
    code.local_get(0).op(Op::i32_eqz).block(Op::if_).op(Op::global_get).u32(0);
    code.op(Op::return_).end().local_get(0).i32_const(1).op(Op::i32_sub);
    if (way == Way::ByTable) {
      code.i32_const(which == 0 ? 1 : 0).op(Op::call_indirect).u32(module.type(type)).u32(0);
    } else {
      code.call(other);
    }
    const uint32_t func = module.func(type, code);
    module.elem(static_cast<int32_t>(which), {func});
    module.export_("f", ExternKind::Func, func);
    return module;
  }
  runtime::Instance& add(uint32_t which, Engine kind, Way way) {
    bytes_.push_back(module(which, way).build());
    engine::Config config;
    config.engine = kind;
    config.code_source = &compiler_;
    auto loaded = engine::load(bytes_.back(), config);
    if (!loaded) {
      ADD_FAILURE() << loaded.error().message();
      std::abort();
    }
    return *engine::instantiate(store_, *loaded, linker_, execution_)->instance;
  }

  embed::JitCodeSource compiler_;
  std::deque<std::vector<uint8_t>> bytes_;
  runtime::Store store_;
  engine::Linker linker_{store_};
  // So large that the thread's stack ends first.
  runtime::Execution execution_ = *runtime::Execution::create(uint64_t{64} << 20);
  runtime::Instance *first_ = nullptr, *second_ = nullptr;
};

// Runs `world.call(depth)` on a thread with so large a stack.
std::string on_thread(size_t stack_bytes, World& world, uint32_t depth) {
  struct Task {
    World* world;
    uint32_t depth;
    std::string result;
  } task{&world, depth, "no thread"};
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_t thread;
  const auto run = [](void* data) -> void* {
    auto* const task = static_cast<Task*>(data);
    task->result = task->world->call(task->depth);
    return nullptr;
  };
  if (pthread_attr_setstacksize(&attributes, stack_bytes) == 0 &&
      pthread_create(&thread, &attributes, run, &task) == 0) {
    pthread_join(thread, nullptr);
  }
  pthread_attr_destroy(&attributes);
  return task.result;
}

constexpr uint32_t kEndless = UINT32_MAX;
constexpr size_t kStacks[] = {size_t{64} << 10, size_t{128} << 10, size_t{256} << 10,
                              size_t{1} << 20, size_t{8} << 20};

TEST(ThreadStacks, EndlessCallsBetweenInstancesEndInATrap) {
  for (const Case& which : kCases) {
    World world(which);
    for (const size_t stack : kStacks) {
      for (int again = 0; again < 2; ++again) {
        EXPECT_EQ(on_thread(stack, world, kEndless), "call_stack_exhausted")
            << which.name << " on " << stack;
        EXPECT_TRUE(world.store().is_at_rest());
      }
    }
    // Afterwards all is as it was.
    EXPECT_TRUE(on_thread(size_t{1} << 20, world, 9).starts_with("none i32:")) << which.name;
  }
}

// A stack of ordinary size has room for what programs do.
TEST(ThreadStacks, AnOrdinaryStackHasRoom) {
  for (const Case& which : kCases) {
    World world(which);
    EXPECT_EQ(on_thread(size_t{1} << 20, world, 100), "none i32:101") << which.name;
    EXPECT_EQ(on_thread(size_t{256} << 10, world, 20), "none i32:122") << which.name;
  }
}

// On a stack that is no thread's own nothing is known about its end: no guest runs there.
TEST(ThreadStacks, ACoroutinesStackIsRefused) {
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
  GTEST_SKIP() << "AddressSanitizer does not follow a change of stacks";
#endif
  static World world(kCases[0]);
  ASSERT_EQ(on_thread(size_t{1} << 20, world, 3), "none i32:4");
  static std::string result;
  std::vector<char> stack(size_t{1} << 20);
  ucontext_t here{}, there{};
  ASSERT_EQ(getcontext(&there), 0);
  there.uc_stack.ss_sp = stack.data();
  there.uc_stack.ss_size = stack.size();
  there.uc_link = &here;
  makecontext(&there, [] { result = world.call(3); }, 0);
  ASSERT_EQ(swapcontext(&here, &there), 0);
  EXPECT_EQ(result, "call_stack_exhausted");
  EXPECT_EQ(world.call(3), "none i32:8");
}

}  // namespace
}  // namespace cordon
