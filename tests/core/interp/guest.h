// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Guest: one module, built by a test, loaded and instantiated with an execution of its own. Calls
// are made through interp::invoke, in slots. What goes wrong before a call is a failure of the
// test.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "core/abi/traps.h"
#include "core/engine/linker.h"
#include "core/runtime/execution.h"
#include "core/runtime/store.h"
#include "tests/kit/module_builder.h"

namespace cordon::interp {

struct Returned {
  Trap trap = Trap::none;
  std::vector<uint64_t> results;  // empty after a trap
};

// What guests share that call each other: a store with a linker, and one execution.
class World {
 public:
  explicit World(uint64_t stack_bytes = uint64_t{1} << 20);
  runtime::Store store;
  engine::Linker linker;
  runtime::Execution execution;
};

class Guest {
 public:
  Guest(World& world, const testing::ModuleBuilder& module);

  // The exported function; `call` calls it and gives what came back.
  runtime::Func& func(std::string_view name) const;
  Returned call(std::string_view name, std::vector<uint64_t> args = {}) const;

  runtime::Instance& instance() const { return *instance_; }
  // Offset of the n-th (from 0) occurrence of `code` in the module's bytes.
  uint64_t offset_of(const testing::WasmBytes& code, unsigned n = 0) const;

 private:
  World& world_;
  std::vector<uint8_t> bytes_;
  runtime::Instance* instance_ = nullptr;
};

}  // namespace cordon::interp
