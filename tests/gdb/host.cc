// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A host for GDB to look at: two instances of native code that call each other, the host, and by
// way of it themselves.
//
//     host WHAT [hide]      calls the first instance's export WHAT; hide: without showing the code
//
// "calls": main > wasm.outer > host_reenter > wasm.inner > (other instance, by call_indirect)
// wasm.far > wasm-function[1], whose frame is large > wasm.leaf > host_observe.
#include <cstdio>
#include <cstring>

#include "core/gdb/show.h"
#include "tests/kit/compiling_world.h"

namespace cordon {
namespace {

using testing::ModuleBuilder;
using testing::WasmBytes;
using wasm::ExternKind;
using wasm::Op;

const wasm::FuncType kNothing{{}, {}};
const wasm::TableType kTable{wasm::ValType::funcref, {1, 1, true}};
const engine::Config kSettings{.engine = engine::Engine::Jit, .stack_bytes = uint64_t{64} << 10};

struct Host : testing::CompilingWorld {
  runtime::Instance* first = nullptr;
  bool hide = false;

  // In pieces of a function each: calls go by the table of entries too.
  Host() : CompilingWorld(kSettings, {.piece_bytes = 1}) {}

  runtime::Instance* add(const ModuleBuilder& module) {
    engine::LoadedModule loaded = testing::must(load(module.build()));
    if (!hide) loaded.code = gdb::show(*loaded.module, std::move(loaded.code));
    return &instantiate(loaded);
  }
  void call(const char* name) {
    const Trap trap = CompilingWorld::call(*first, name).trap;
    std::printf("%s: %s\n", name, std::string(trap_name(trap)).c_str());
  }
};

// More than 4096 bytes, for which the prologue is another one: locals that live over `code`.
const std::vector<testing::Locals> kLarge = {{600, wasm::ValType::i64}};
WasmBytes with_large_frame(const WasmBytes& code) {
  WasmBytes all;
  for (uint32_t i = 0; i < kLarge[0].count; ++i) all.i64_const(i).local_set(i);
  all.append(code);
  for (uint32_t i = 0; i < kLarge[0].count; ++i) all.local_get(i).op(Op::drop);
  return all;
}

// Calls the host and the other instance; faults in memory; exhausts the stack.
ModuleBuilder first_module() {
  ModuleBuilder module;
  const uint32_t reenter = module.import_func("host", "reenter", kNothing);
  module.import_table("host", "table", kTable);
  module.memory({1, 1, true});
  const uint32_t deep = reenter + 1;
  const auto add = [&](const char* name, const WasmBytes& code,
                       const std::vector<testing::Locals>& locals = {}) {
    const uint32_t func = module.func(kNothing, code, locals);
    module.func_name(func, name).export_(name, ExternKind::Func, func);
    return func;
  };
  add("deep", with_large_frame(WasmBytes().call(deep)), kLarge);
  add("outer", WasmBytes().call(reenter));
  add("inner", WasmBytes().i32_const(0).op(Op::call_indirect).u32(module.type(kNothing)).u32(0));
  const uint32_t fault = add("fault", WasmBytes().i32_const(-1).access(Op::i32_load).op(Op::drop));
  add("faulting", WasmBytes().call(fault));
  return module;
}

// A function calls one of an earlier piece and one of a later piece.
ModuleBuilder second_module() {
  ModuleBuilder module;
  const uint32_t observe = module.import_func("host", "observe", kNothing);
  module.import_table("host", "table", kTable);
  const uint32_t large = observe + 1, far = observe + 2, leaf = observe + 3;
  module.func(kNothing, with_large_frame(WasmBytes().call(leaf)), kLarge);
  module.func(kNothing, WasmBytes().call(large));
  module.func(kNothing, WasmBytes().call(observe));
  module.func_name(far, "far").func_name(leaf, "leaf");
  module.elem(0, {far});
  return module;
}

Host* g_host = nullptr;

}  // namespace
}  // namespace cordon

// With names for GDB, and frames of their own: the assembly keeps calls from being a function's
// last act.
extern "C" __attribute__((noinline)) void host_observe() { asm volatile("" ::: "memory"); }
extern "C" __attribute__((noinline)) void host_reenter() {
  cordon::g_host->call("inner");
  asm volatile("" ::: "memory");
}

int main(int argc, char** argv) {
  using namespace cordon;
  if (argc < 2) return 2;
  {
    Host host;
    g_host = &host;
    host.hide = argc > 2 && std::strcmp(argv[2], "hide") == 0;
    host.linker.define("host", "table", *host.store.add_table(kTable));
    host.linker.define_func(
        "host", "observe", kNothing,
        [](void*, runtime::HostCall&, const uint64_t*, uint64_t*) {
          host_observe();
          return Trap::none;
        },
        nullptr);
    host.linker.define_func(
        "host", "reenter", kNothing,
        [](void*, runtime::HostCall&, const uint64_t*, uint64_t*) {
          host_reenter();
          return Trap::none;
        },
        nullptr);
    host.first = host.add(first_module());
    host.add(second_module());
    host.call(argv[1]);
  }
  host_observe();  // once all code is gone
}
