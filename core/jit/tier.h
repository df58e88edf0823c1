// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The interface of a compiler of one function, for users that compile a module (core/jit/code) with
// any tier. A tier is a way of making code, fast to make or fast to run: its folder
// (core/jit/baseline) implements FuncCompiler, and the function that makes one is the Tier.
#pragma once

#include <memory>
#include <vector>

#include "core/abi/module_plan.h"
#include "core/abi/target.h"
#include "core/base/result.h"
#include "core/wasm/validated.h"

namespace cordon::jit {

struct Chunk;  // core/jit/code/chunk.h

// What is the same for all functions of a module.
struct FuncOptions {
  abi::Target target;
  bool fuel = false;   // charge fuel
  bool lines = false;  // fill Chunk::lines
  // Slots that each call of a function of the module leaves room for, whatever that takes
  // (wasm::ValidatedModule::tail_window).
  uint32_t tail_window = 0;
  // By the index of a body: whether a call reaches its code directly, as that is placed already or
  // in the same piece. Any other is called through the runtime. Null: all are reached.
  const std::vector<bool>* reached = nullptr;
  bool loop_entries = false;  // make entries at loops (abi::LoopEntry)
};

// Compiles function after function of a module, on one thread.
class FuncCompiler {
 public:
  virtual ~FuncCompiler() = default;

  // Where the functions from now on go. `chunk` outlives its last compile().
  virtual void begin_chunk(Chunk& chunk) = 0;
  // Appends the function's code, with what the tables say of it, to the chunk. Fails at a limit or
  // at a mistake of the compiler's own (core/jit/masm/diagnostics.def); then the chunk is of no
  // use.
  virtual Result<void> compile(const wasm::ValidatedFunc& func) = 0;
};

// Makes a compiler of the tier for one thread. All arguments outlive it; the module is of
// wasm::validate_module_with_uses(). Called by several threads at once.
using Tier = std::unique_ptr<FuncCompiler> (*)(const wasm::Module& module,
                                               const abi::ModulePlan& plan,
                                               const FuncOptions& options);

}  // namespace cordon::jit
