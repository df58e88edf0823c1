// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// World: the environment of a test's modules: a store with a linker, one execution, and the bytes
// of the loaded modules. Guest: one instance in it, called by name with slots.
//
// Mistakes of a test are no input: a failure before a call, and a call that leaves a different
// stack height, end the program with a message. It knows no compiler: native code comes from
// config.code_source (tests/kit/compiling_world.h).
//
//     World world;
//     const Guest guest(world, module);
//     EXPECT_EQ(guest.call("add", {1, 2}).results, std::vector<uint64_t>{3});
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "core/engine/instantiate.h"
#include "core/engine/invoke.h"
#include "core/engine/linker.h"
#include "core/engine/pipeline.h"
#include "tests/kit/module_builder.h"

namespace cordon::testing {

// Prints why and aborts.
[[noreturn]] void die(const std::string& why);

// The value, or ends the program with the error's message.
template <class T>
T must(Result<T> result) {
  if (!result) die(result.error().message());
  return *std::move(result);
}

class World {
 private:
  std::deque<std::vector<uint8_t>> bytes_;  // instances run over them in place

 public:
  explicit World(engine::Config settings = {});
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  virtual ~World() = default;

  // By config, or by another engine. Keeps the bytes.
  Result<engine::LoadedModule> load(std::vector<uint8_t> bytes);
  Result<engine::LoadedModule> load(std::vector<uint8_t> bytes, engine::Engine engine);
  Result<engine::Instantiated> try_instantiate(const engine::LoadedModule& loaded);
  // The module must load.
  Result<engine::Instantiated> try_instantiate(const ModuleBuilder& module);
  // These must succeed, and not trap.
  runtime::Instance& instantiate(const engine::LoadedModule& loaded);
  runtime::Instance& instantiate(const ModuleBuilder& module);
  runtime::Instance& instantiate(const ModuleBuilder& module, engine::Engine engine);

  // REQUIRES: there is such a function, and it takes these arguments.
  engine::Outcome call(const runtime::Instance& instance, std::string_view name,
                       const std::vector<engine::Value>& arguments = {});
  // The same as text: "i32:5 i64:6", or "trap: " and its text.
  std::string result(const runtime::Instance& instance, std::string_view name,
                     const std::vector<engine::Value>& arguments = {});
  // The latest trap's frames, innermost first: functions of their module and offsets in it, as
  // "1@70 0@12".
  std::string trace() const;

  engine::Config config;  // for modules loaded from now on
  runtime::Store store;
  engine::Linker linker;
  runtime::Execution execution;
};

struct Returned {
  Trap trap = Trap::none;
  std::vector<uint64_t> results = {};  // one slot each; empty after a trap
  uint64_t trap_offset = 0;            // where in the module, if a function of one trapped
  bool operator==(const Returned&) const = default;
};

class Guest {
 public:
  Guest(World& world, const ModuleBuilder& module);
  Guest(World& world, std::vector<uint8_t> bytes);

  // The exported function. has(): whether there is one.
  runtime::Func& func(std::string_view name) const;
  bool has(std::string_view name) const;
  // Calls it with one slot a parameter, as an engine does: only their number is checked.
  Returned call(std::string_view name, const std::vector<uint64_t>& args = {}) const;

  runtime::Instance& instance() const { return instance_; }
  // Offset of the n-th (from 0) occurrence of `code` in the module's bytes.
  uint64_t offset_of(const WasmBytes& code, unsigned n = 0) const;

 private:
  World& world_;
  std::vector<uint8_t> bytes_;
  runtime::Instance& instance_;
};

}  // namespace cordon::testing
