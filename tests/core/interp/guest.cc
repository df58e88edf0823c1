// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/core/interp/guest.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/engine/instantiate.h"
#include "core/engine/pipeline.h"
#include "core/interp/interpreter.h"

namespace cordon::interp {

namespace {

// A broken test is no input: it stops the test program with the message.
template <class T>
T must(Result<T> result) {
  if (!result) std::fprintf(stderr, "%s\n", result.error().message().c_str());
  CHECK(result.has_value());
  return std::move(*result);
}

}  // namespace

World::World(uint64_t stack_bytes)
    : linker(store), execution(must(runtime::Execution::create(stack_bytes))) {}

Guest::Guest(World& world, const testing::ModuleBuilder& module)
    : world_(world), bytes_(module.build()) {
  engine::LoadedModule loaded = must(engine::load(bytes_));
  engine::Instantiated made =
      must(engine::instantiate(world.store, loaded.module, world.linker, world.execution));
  CHECK(made.trap == Trap::none);
  instance_ = made.instance;
}

runtime::Func& Guest::func(std::string_view name) const {
  std::optional<runtime::Extern> found = instance_->find_export(name);
  CHECK(found.has_value());
  return *std::get<runtime::Func*>(*found);
}

Returned Guest::call(std::string_view name, std::vector<uint64_t> args) const {
  runtime::Func& callee = func(name);
  CHECK(args.size() == callee.params);
  std::vector<uint64_t> results(callee.results);
  const Trap trap = invoke(world_.execution, callee, args.data(), results.data());
  if (trap != Trap::none) results.clear();
  return {trap, results};
}

uint64_t Guest::offset_of(const testing::WasmBytes& code, unsigned n) const {
  auto at = bytes_.begin();
  for (;; ++at) {
    at = std::search(at, bytes_.end(), code.bytes().begin(), code.bytes().end());
    CHECK(at != bytes_.end());
    if (n-- == 0) return static_cast<uint64_t>(at - bytes_.begin());
  }
}

}  // namespace cordon::interp
