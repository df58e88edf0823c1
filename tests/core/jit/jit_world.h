// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// JitWorld: a module compiled in this process, verified, published and instantiated; and the same
// module interpreted, to compare. `bytes` must outlive it.
#pragma once

#include <cstdlib>
#include <string>
#include <vector>

#include "core/embed/jit_code_source.h"
#include "core/engine/instantiate.h"
#include "core/engine/invoke.h"
#include "core/engine/pipeline.h"
#include "tests/core/jit/compile_module.h"

namespace cordon::testing {

class World {
 public:
  World(ByteSpan bytes, engine::Engine which, abi::Target target = abi::detect_target(),
        int64_t fuel = runtime::Execution::kUnlimitedFuel)
      : source_({.target = target}) {
    config_.engine = which;
    config_.code_source = &source_;
    config_.fuel = fuel;
    execution_ = *runtime::Execution::create(config_.stack_bytes, fuel);
    auto loaded = engine::load(bytes, config_);
    if (!loaded) die(loaded.error());
    auto made = engine::instantiate(store_, *loaded, linker_, execution_);
    if (!made) die(made.error());
    instance_ = made->instance;
  }

  struct Got {
    Trap trap = Trap::none;
    std::vector<uint64_t> results = {};
    uint64_t trap_offset = 0;
    bool operator==(const Got&) const = default;
  };
  bool has(const std::string& name) const {
    return engine::find_func(*instance_, name).has_value();
  }
  Got call(const std::string& name, const std::vector<uint64_t>& args) {
    auto func = engine::find_func(*instance_, name);
    if (!func) die(func.error());
    std::vector<engine::Value> values;
    for (size_t i = 0; i < args.size(); ++i) values.push_back({(*func)->type->params[i], args[i]});
    auto outcome = engine::invoke(execution_, **func, values);
    if (!outcome) die(outcome.error());
    Got got{.trap = outcome->trap};
    for (const engine::Value& value : outcome->results) got.results.push_back(value.slot);
    if (got.trap != Trap::none && !execution_.trace.empty()) {
      got.trap_offset = execution_.trace[0].module_offset;
    }
    return got;
  }

 private:
  [[noreturn]] static void die(const Diagnostic& why) {
    std::fprintf(stderr, "%s\n", why.message().c_str());
    std::abort();
  }

  embed::JitCodeSource source_;
  engine::Config config_;
  runtime::Store store_{config_.store};
  engine::Linker linker_{store_};
  runtime::Execution execution_ = *runtime::Execution::create(config_.stack_bytes);
  runtime::Instance* instance_ = nullptr;
};

}  // namespace cordon::testing
