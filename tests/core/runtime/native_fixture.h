// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// NativeHost: modules with code from a CodeSource, called by the engine. NativeTest has one; a
// thread within a test makes its own.
#pragma once

#include <gtest/gtest.h>

#include <deque>

#include "core/engine/instantiate.h"
#include "core/engine/invoke.h"
#include "core/engine/pipeline.h"
#include "core/runtime/trap_handler.h"
#include "tests/core/runtime/hand_code.h"
#include "tests/kit/module_builder.h"

namespace cordon::runtime {

struct NativeHost {
  using ModuleBuilder = testing::ModuleBuilder;
  using WasmBytes = testing::WasmBytes;
  using HandCode = testing::HandCode;
  using Value = engine::Value;

  explicit NativeHost(int64_t fuel = Execution::kUnlimitedFuel, uint64_t stack = uint64_t{1} << 20)
      : linker(store), execution(*Execution::create(stack, fuel)) {
    config.fuel = fuel;
  }

  // Loaded as any module is, its code verified.
  Result<engine::LoadedModule> load(const ModuleBuilder& module, engine::CodeSource& code) {
    bytes_.push_back(module.build());
    config.engine = engine::Engine::Jit;
    config.code_source = &code;
    return engine::load(bytes_.back(), config);
  }
  // With code that nobody has verified; null: interpreted.
  Result<engine::LoadedModule> load_unchecked(const ModuleBuilder& module, HandCode* code) {
    bytes_.push_back(module.build());
    config.engine = engine::Engine::Interp;
    engine::LoadedModule loaded = TRY(engine::load(bytes_.back(), config));
    if (code != nullptr) loaded.code = code->publish();
    return loaded;
  }
  Instance& instantiate(const ModuleBuilder& module, HandCode* code) {
    auto loaded = load_unchecked(module, code);
    if (!loaded) {
      ADD_FAILURE() << loaded.error().message();
      std::abort();
    }
    auto made = engine::instantiate(store, *loaded, linker, execution);
    if (!made) {
      ADD_FAILURE() << made.error().message();
      std::abort();
    }
    EXPECT_EQ(trap_name(made->trap), "none") << made->where;
    return *made->instance;
  }
  // "i32:5 i64:6", or "trap: " and its text.
  std::string result(const Instance& instance, std::string_view name,
                     std::vector<Value> arguments = {}) {
    auto outcome = engine::invoke(execution, instance, name, arguments);
    if (!outcome) return outcome.error().message();
    EXPECT_TRUE(store.is_at_rest());
    EXPECT_EQ(execution.stack_top, execution.stack_base);
    if (outcome->trap != Trap::none) return "trap: " + std::string(trap_text(outcome->trap));
    std::string out;
    for (const Value& value : outcome->results) {
      if (!out.empty()) out += ' ';
      out += to_typed_text(value);
    }
    return out;
  }
  // "1@70 0@12": functions of their module and offsets, innermost first.
  std::string trace() const {
    std::string out;
    for (const TraceFrame& frame : execution.trace) {
      if (!out.empty()) out += ' ';
      out += std::to_string(frame.func->code->index().value) + "@" +
             std::to_string(frame.module_offset);
    }
    return out;
  }

  engine::Config config;
  std::deque<std::vector<uint8_t>> bytes_;
  Store store;
  engine::Linker linker;
  Execution execution;
};

class NativeTest : public ::testing::Test, protected NativeHost {
 protected:
  using NativeHost::NativeHost;
};

}  // namespace cordon::runtime
