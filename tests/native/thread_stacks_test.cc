// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// [S1] Instances that call each other without end, on threads with small and large stacks of their
// own: natively, interpreted, mixed, and by way of the host. Each ends in a trap; no thread ever
// leaves its stack.
#include <gtest/gtest.h>
#include <pthread.h>
#include <ucontext.h>

#include <vector>

#include "tests/kit/compiling_world.h"
#include "tests/kit/engines.h"

namespace cordon {
namespace {

using engine::Value;
using testing::EngineRow;
using testing::kEngines;
using testing::ModuleBuilder;
using testing::WasmBytes;
using wasm::ExternKind;
using wasm::Op;
using wasm::ValType;

enum class Way : uint8_t { ByTable, ByImport, ByHost };

struct Case {
  EngineRow first, second;
  Way way;
};

// Each engine with each, in each way.
std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const Way way : {Way::ByTable, Way::ByImport, Way::ByHost}) {
    for (const EngineRow& first : kEngines) {
      for (const EngineRow& second : kEngines) cases.push_back({first, second, way});
    }
  }
  return cases;
}
std::ostream& operator<<(std::ostream& out, const Case& which) {
  constexpr const char* kWays[] = {"table", "import", "host"};
  return out << which.first << " and " << which.second << " by the "
             << kWays[static_cast<size_t>(which.way)];
}

// Two instances whose "f" calls the other's; each call counts up a global, and the parameter down
// to the end.
class Pair : public testing::CompilingWorld {
 public:
  // The guest's stack is so large that the thread's ends first.
  explicit Pair(const Case& which) : CompilingWorld({.stack_bytes = uint64_t{64} << 20}) {
    linker.define("shared", "table", *store.add_table({ValType::funcref, {2, 2, true}}));
    linker.define("shared", "count", *store.add_global({ValType::i32, true}, uint64_t{0}));
    linker.define_func("host", "back0", {{ValType::i32}, {ValType::i32}}, back<0>, this);
    linker.define_func("host", "back1", {{ValType::i32}, {ValType::i32}}, back<1>, this);
    // By import only the second can know the first; the first goes by the table.
    const Way way = which.way == Way::ByImport ? Way::ByTable : which.way;
    first_ = &instantiate(module(0, way), which.first.engine);
    linker.define_instance("first", *first_);
    second_ = &instantiate(module(1, which.way), which.second.engine);
  }

  std::string call(uint32_t depth) { return result(*first_, "f", {Value::i32(depth)}); }

 private:
  template <int kWhich>
  static Trap back(void* env, runtime::HostCall&, const uint64_t* args, uint64_t* results) {
    auto& pair = *static_cast<Pair*>(env);
    const runtime::Instance& callee = kWhich == 0 ? *pair.first_ : *pair.second_;
    auto outcome = engine::invoke(pair.execution, callee, "f",
                                  std::vector<Value>{Value::i32(static_cast<uint32_t>(args[0]))});
    if (!outcome) return Trap::host_failure;
    if (outcome->trap == Trap::none) results[0] = outcome->results[0].slot;
    return outcome->trap;
  }

  static ModuleBuilder module(uint32_t which, Way way) {
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

  runtime::Instance *first_ = nullptr, *second_ = nullptr;
};

// Runs `pair.call(depth)` on a thread with so large a stack.
std::string on_thread(size_t stack_bytes, Pair& pair, uint32_t depth) {
  struct Task {
    Pair* pair;
    uint32_t depth;
    std::string result;
  } task{&pair, depth, "no thread"};
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_t thread;
  const auto run = [](void* data) -> void* {
    auto* const task = static_cast<Task*>(data);
    task->result = task->pair->call(task->depth);
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
  for (const Case& which : all_cases()) {
    Pair pair(which);
    for (const size_t stack : kStacks) {
      for (int again = 0; again < 2; ++again) {
        EXPECT_EQ(on_thread(stack, pair, kEndless), "trap: call stack exhausted")
            << which << " on " << stack;
      }
    }
    // Afterwards all is as it was.
    EXPECT_TRUE(on_thread(size_t{1} << 20, pair, 9).starts_with("i32:")) << which;
  }
}

// A stack of ordinary size has room for what programs do.
TEST(ThreadStacks, AnOrdinaryStackHasRoom) {
  for (const Case& which : all_cases()) {
    Pair pair(which);
    EXPECT_EQ(on_thread(size_t{1} << 20, pair, 100), "i32:101") << which;
    EXPECT_EQ(on_thread(size_t{256} << 10, pair, 20), "i32:122") << which;
  }
}

// On a stack that is no thread's own nothing is known about its end: no guest runs there.
TEST(ThreadStacks, ACoroutinesStackIsRefused) {
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
  GTEST_SKIP() << "AddressSanitizer does not follow a change of stacks";
#endif
  constexpr EngineRow kNative{"native", engine::Engine::Jit};
  static Pair pair({kNative, kNative, Way::ByTable});
  ASSERT_EQ(on_thread(size_t{1} << 20, pair, 3), "i32:4");
  static std::string result;
  std::vector<char> stack(size_t{1} << 20);
  ucontext_t here{}, there{};
  ASSERT_EQ(getcontext(&there), 0);
  there.uc_stack.ss_sp = stack.data();
  there.uc_stack.ss_size = stack.size();
  there.uc_link = &here;
  makecontext(&there, [] { result = pair.call(3); }, 0);
  ASSERT_EQ(swapcontext(&here, &there), 0);
  EXPECT_EQ(result, "trap: call stack exhausted");
  EXPECT_EQ(pair.call(3), "i32:8");
}

}  // namespace
}  // namespace cordon
