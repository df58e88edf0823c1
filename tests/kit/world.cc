// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/kit/world.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "core/engine/call.h"

namespace cordon::testing {

void die(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::abort();
}

World::World(engine::Config settings)
    : config(settings),
      store(config.store),
      linker(store),
      execution(must(runtime::Execution::create(config.stack_bytes, config.fuel))) {}

Result<engine::LoadedModule> World::load(std::vector<uint8_t> bytes) {
  return load(std::move(bytes), config.engine);
}

Result<engine::LoadedModule> World::load(std::vector<uint8_t> bytes, engine::Engine engine) {
  engine::Config how = config;
  how.engine = engine;
  return engine::load(bytes_.emplace_back(std::move(bytes)), how);
}

Result<engine::Instantiated> World::try_instantiate(const engine::LoadedModule& loaded) {
  return engine::instantiate(store, loaded, linker, execution);
}

Result<engine::Instantiated> World::try_instantiate(const ModuleBuilder& module) {
  return try_instantiate(must(load(module.build())));
}

runtime::Instance& World::instantiate(const engine::LoadedModule& loaded) {
  const engine::Instantiated made = must(try_instantiate(loaded));
  if (made.trap != Trap::none) die(std::string(trap_text(made.trap)) + " in " + made.where);
  return *made.instance;
}

runtime::Instance& World::instantiate(const ModuleBuilder& module) {
  return instantiate(must(load(module.build())));
}

runtime::Instance& World::instantiate(const ModuleBuilder& module, engine::Engine engine) {
  return instantiate(must(load(module.build(), engine)));
}

engine::Outcome World::call(const runtime::Instance& instance, std::string_view name,
                            const std::vector<engine::Value>& arguments) {
  // During a host function that calls back into the guest, a call is under way.
  auto* const top = execution.stack_top;
  const bool rested = store.is_at_rest();
  engine::Outcome outcome = must(engine::invoke(execution, instance, name, arguments));
  if (execution.stack_top != top) die("the guest's stack is not as it was before the call");
  if (rested && !store.is_at_rest()) {
    die("a stack of native code is not empty after the call");
  }
  return outcome;
}

std::string World::result(const runtime::Instance& instance, std::string_view name,
                          const std::vector<engine::Value>& arguments) {
  const engine::Outcome outcome = call(instance, name, arguments);
  if (outcome.trap != Trap::none) return "trap: " + std::string(trap_text(outcome.trap));
  std::string out;
  for (const engine::Value& value : outcome.results) {
    out += (out.empty() ? "" : " ") + to_typed_text(value);
  }
  return out;
}

std::string World::trace() const {
  std::string out;
  for (const runtime::TraceFrame& frame : execution.trace) {
    out += (out.empty() ? "" : " ") + std::to_string(frame.func->code->index().value) + "@" +
           std::to_string(frame.module_offset);
  }
  return out;
}

Guest::Guest(World& world, const ModuleBuilder& module) : Guest(world, module.build()) {}

Guest::Guest(World& world, std::vector<uint8_t> bytes)
    : world_(world),
      bytes_(std::move(bytes)),
      instance_(world.instantiate(must(world.load(bytes_)))) {}

runtime::Func& Guest::func(std::string_view name) const {
  return *must(engine::find_func(instance_, name));
}

bool Guest::has(std::string_view name) const {
  return engine::find_func(instance_, name).has_value();
}

Returned Guest::call(std::string_view name, const std::vector<uint64_t>& args) const {
  runtime::Func& callee = func(name);
  if (args.size() != callee.params) die("another number of arguments: " + std::string(name));
  std::vector<uint64_t> results(callee.results);
  world_.execution.trace.clear();
  Returned back;
  back.trap = engine::call(world_.execution, callee, args.data(), results.data());
  if (back.trap == Trap::none) {
    back.results = std::move(results);
  } else if (!world_.execution.trace.empty()) {
    back.trap_offset = world_.execution.trace[0].module_offset;
  }
  return back;
}

uint64_t Guest::offset_of(const WasmBytes& code, unsigned n) const {
  auto at = bytes_.begin();
  for (;; ++at) {
    at = std::search(at, bytes_.end(), code.bytes().begin(), code.bytes().end());
    if (at == bytes_.end()) die("these bytes are not in the module so often");
    if (n-- == 0) return static_cast<uint64_t>(at - bytes_.begin());
  }
}

}  // namespace cordon::testing
