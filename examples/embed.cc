// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Cordon's core in the embedder's process: loads a plugin, gives it one host function and a budget
// of fuel, calls it. There is no jail here: the interpreter alone contains the guest. `cordon run`
// has the jail.
//
//     example-embed plugin.wasm FUNCTION [ARGUMENT]      for instance: longest 1000
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/engine/instantiate.h"
#include "core/engine/invoke.h"
#include "core/engine/linker.h"
#include "core/engine/pipeline.h"
#include "core/runtime/memory.h"

namespace {

using cordon::Result;
using cordon::Trap;
namespace engine = cordon::engine;
namespace runtime = cordon::runtime;
using cordon::wasm::ValType;

constexpr int64_t kFuel = 10'000'000;  // about as many wasm instructions

// host.log(address: i32, length: i32). The guest chose both numbers, so Memory::at() decides
// whether they are bytes of its memory; if not, the guest traps as if it had read there itself.
Trap log(void*, runtime::HostCall& call, const uint64_t* args, uint64_t*) {
  const uint8_t* text = call.memory == nullptr ? nullptr : call.memory->at(args[0], args[1]);
  if (text == nullptr) return Trap::out_of_bounds_memory_access;
  std::printf("plugin: %.*s\n", static_cast<int>(args[1]), reinterpret_cast<const char*>(text));
  return Trap::none;
}

// Loads `bytes`, which must outlive this call, and calls one of its functions.
Result<engine::Outcome> run(cordon::ByteSpan bytes, const std::string& function,
                            const std::vector<std::string>& texts) {
  engine::LoadedModule loaded = TRY(engine::load(bytes));
  runtime::Store store({.max_memory_pages = 64});  // 4 MiB
  engine::Linker linker(store);
  linker.define_func("host", "log", {{ValType::i32, ValType::i32}, {}}, log, nullptr);
  runtime::Execution execution = TRY(runtime::Execution::create(1 << 20, kFuel));
  engine::Instantiated made = TRY(engine::instantiate(store, loaded.module, linker, execution));
  if (made.trap != Trap::none) return engine::Outcome{made.trap};
  runtime::Func* func = TRY(engine::find_func(*made.instance, function));
  std::vector<engine::Value> arguments = TRY(engine::parse_arguments(*func->type, texts));
  engine::Outcome outcome = TRY(engine::invoke(execution, *func, arguments));
  if (execution.fuel >= 0)
    std::printf("fuel used: %lld\n", static_cast<long long>(kFuel - execution.fuel));
  return outcome;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: %s PLUGIN.wasm FUNCTION [ARGUMENT...]\n", argv[0]);
    return 2;
  }
  std::ifstream file(argv[1], std::ios::binary);
  std::vector<uint8_t> bytes{std::istreambuf_iterator<char>(file), {}};
  if (!file) {
    std::fprintf(stderr, "%s: cannot be read\n", argv[1]);
    return 1;
  }
  auto outcome = run(bytes, argv[2], {argv + 3, argv + argc});
  if (!outcome) {
    std::fprintf(stderr, "%s: %s\n", argv[1], outcome.error().message().c_str());
    return 1;
  }
  if (outcome->trap != Trap::none) {
    std::string text(cordon::trap_text(outcome->trap));
    std::fprintf(stderr, "%s: %s\n", argv[1], text.c_str());
    return 134;
  }
  for (const engine::Value& value : outcome->results) {
    std::printf("%s\n", engine::to_text(value).c_str());
  }
  return 0;
}
