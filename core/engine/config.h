// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Config: an embedder's choices for a run. Every limit is finite unless the embedder changes it
// ([L1]), except fuel, which is unlimited by default, because the wall clock bounds time as well.
#pragma once

#include <cstdint>

#include "core/runtime/execution.h"
#include "core/runtime/store.h"
#include "core/wasm/features.h"

namespace cordon::engine {

class CodeSource;

// What runs the guest's functions.
enum class Engine : uint8_t {
  Interp,  // the interpreter; no memory is ever executable
  Jit,     // native code of the whole module, from Config::code_source
  Auto,    // Jit, or Interp for a module that needs a feature that the compiler lacks
};

// A plain value. The embedder keeps `code_source`; `stack_bytes` bounds the guest's frames; `fuel`
// counts instructions (core/wasm/validated.h).
struct Config {
  Engine engine = Engine::Interp;
  CodeSource* code_source = nullptr;  // for all but Engine::Interp; code_source.h
  wasm::Features features = wasm::Features::all();
  unsigned validation_threads = 1;
  runtime::StoreLimits store = {};
  uint64_t stack_bytes = uint64_t{4} << 20;
  int64_t fuel = runtime::Execution::kUnlimitedFuel;
};

}  // namespace cordon::engine
