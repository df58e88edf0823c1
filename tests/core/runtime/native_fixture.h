// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// NativeHost: modules with code from a CodeSource, called by the engine. NativeTest has one; a
// thread within a test makes its own.
#pragma once

#include <gtest/gtest.h>

#include "core/runtime/trap_handler.h"
#include "tests/core/runtime/hand_code.h"
#include "tests/kit/world.h"

namespace cordon::runtime {

struct NativeHost : testing::World {
  using ModuleBuilder = testing::ModuleBuilder;
  using WasmBytes = testing::WasmBytes;
  using HandCode = testing::HandCode;
  using Value = engine::Value;

  explicit NativeHost(int64_t fuel = Execution::kUnlimitedFuel, uint64_t stack = uint64_t{1} << 20)
      : World({.stack_bytes = stack, .fuel = fuel}) {}

  // Loaded as any module is, its code verified.
  Result<engine::LoadedModule> load(const ModuleBuilder& module, engine::CodeSource& code) {
    config.code_source = &code;
    return World::load(module.build(), engine::Engine::Jit);
  }
  // With code that was not verified; null: interpreted.
  Result<engine::LoadedModule> load_unchecked(const ModuleBuilder& module, HandCode* code) {
    engine::LoadedModule loaded = TRY(World::load(module.build(), engine::Engine::Interp));
    if (code != nullptr) loaded.code = code->publish(loaded.module);
    return loaded;
  }
  Instance& instantiate(const ModuleBuilder& module, HandCode* code) {
    return World::instantiate(testing::must(load_unchecked(module, code)));
  }
};

class NativeTest : public ::testing::Test, protected NativeHost {
 protected:
  using NativeHost::NativeHost;
};

}  // namespace cordon::runtime
