// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// EngineTest: a store with a linker and an execution, and modules that live as long.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <vector>

#include "core/engine/instantiate.h"
#include "core/engine/invoke.h"
#include "core/engine/pipeline.h"
#include "tests/kit/module_builder.h"

namespace cordon::engine {

class EngineTest : public ::testing::Test {
 protected:
  using ModuleBuilder = testing::ModuleBuilder;
  using WasmBytes = testing::WasmBytes;

  explicit EngineTest(Config config = {})
      : config_(config),
        store(config.store),
        linker(store),
        execution(*runtime::Execution::create(config.stack_bytes, config.fuel)) {}

  // The module must load.
  Result<Instantiated> try_instantiate(const ModuleBuilder& module) {
    bytes_.push_back(module.build());
    auto loaded = load(bytes_.back(), config_);
    if (!loaded) {
      ADD_FAILURE() << loaded.error().message();
      return Failure(loaded.error());
    }
    return engine::instantiate(store, loaded->module, linker, execution);
  }
  // Must succeed and not trap.
  runtime::Instance& instantiate(const ModuleBuilder& module) {
    auto made = try_instantiate(module);
    if (!made) {
      ADD_FAILURE() << made.error().message();
      std::abort();
    }
    EXPECT_EQ(trap_name(made->trap), "none") << made->where;
    return *made->instance;
  }
  Outcome call(const runtime::Instance& instance, std::string_view name,
               std::vector<Value> arguments = {}) {
    auto outcome = invoke(execution, instance, name, arguments);
    if (!outcome) {
      ADD_FAILURE() << outcome.error().message();
      return {};
    }
    EXPECT_EQ(execution.stack_top, execution.stack_base);
    return *outcome;
  }
  // "i32:5 i64:6", or "trap: " and its text.
  std::string result(const runtime::Instance& instance, std::string_view name,
                     std::vector<Value> arguments = {}) {
    Outcome outcome = call(instance, name, std::move(arguments));
    if (outcome.trap != Trap::none) return "trap: " + std::string(trap_text(outcome.trap));
    std::string out;
    for (const Value& value : outcome.results) {
      if (!out.empty()) out += ' ';
      out += to_typed_text(value);
    }
    return out;
  }

 private:
  Config config_;
  std::deque<std::vector<uint8_t>> bytes_;

 protected:
  runtime::Store store;
  Linker linker;
  runtime::Execution execution;
};

}  // namespace cordon::engine
