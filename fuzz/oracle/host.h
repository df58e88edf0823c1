// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Host: provides whatever a module imports, records every call of a host function, and returns
// values that depend only on the number of the call and its arguments. Used by observe().
//
// By name, a function of type i32 -> i32 has effects: "peek" reads and writes the caller's memory,
// "grow" grows it, "reenter" calls the instance's first own exported function. Any may fail.
// reference/host.mjs does the same in JavaScript.
#pragma once

#include <deque>
#include <optional>

#include "core/engine/linker.h"
#include "core/runtime/execution.h"
#include "fuzz/oracle/observation.h"
#include "fuzz/oracle/provided.h"

namespace cordon::fuzz {

class Host {
 public:
  Host(runtime::Store& store, runtime::Execution& execution)
      : store_(store), execution_(execution), linker_(store) {}

  // A definition for every import of `module` that is not the peer's; `strangeness` as in
  // provided.h.
  Result<void> provide(const wasm::Module& module, uint32_t strangeness = 0);
  // Called once it exists; before, "reenter" has no effect.
  void set_instance(const runtime::Instance& instance) { instance_ = &instance; }

  engine::Linker& linker() { return linker_; }
  std::vector<SeenHostCall>& calls() { return calls_; }

  SeenValue see(wasm::ValType type, uint64_t slot, uint64_t high = 0) const;

 private:
  enum class Deed : uint8_t { Answer, Peek, Grow, Reenter };
  struct Import {
    Host* host;
    std::string name;
    wasm::FuncType type;
    Deed deed;
  };

  static Trap call(void* env, runtime::HostCall& call, const uint64_t* args, uint64_t* results);
  Trap run(const Import& import, runtime::HostCall& call, uint64_t first, uint64_t* results);
  Result<runtime::Extern> made(const wasm::Import& import, const Provided& what);
  void provide_func(const wasm::Module& module, const wasm::Import& import);
  Trap peek(runtime::HostCall& call, uint64_t at, uint64_t* results);
  Trap reenter();

  runtime::Store& store_;
  runtime::Execution& execution_;
  engine::Linker linker_;
  std::deque<Import> imports_;  // their addresses are passed on
  const runtime::Instance* instance_ = nullptr;
  std::vector<SeenHostCall> calls_;
};

// The export of the module that "reenter" calls.
std::optional<uint32_t> reentered_export(const wasm::Module& module);
// Mixes `value` so that all bits depend on it.
uint64_t mix(uint64_t value);
// A number of `type`, or a reference, from `seed`: mostly an edge of the type.
uint64_t slot_from(wasm::ValType type, uint64_t seed);

}  // namespace cordon::fuzz
