// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Config: an embedder's choices for a run. Every limit is finite unless the embedder changes it
// ([L1]), except fuel, which is unlimited by default, because the wall clock bounds time as well.
#pragma once

#include <cstdint>

#include "core/engine/hot_functions.h"
#include "core/runtime/execution.h"
#include "core/runtime/store.h"
#include "core/wasm/features.h"

namespace cordon::engine {

class CodeFeeds;
class CodeSource;

// What runs the guest's functions.
enum class Engine : uint8_t {
  Interp,  // the interpreter; no memory is ever executable
  Jit,     // native code of the whole module, from Config::code_source
  // With Config::code_feeds: the interpreter, and native code for what is hot, from there. Without:
  // Jit. In either case a module that needs a feature that the compiler lacks is interpreted.
  Auto,
};

// A plain value. The embedder keeps `code_source` and `code_feeds`; `stack_bytes` bounds the
// guest's frames; `fuel` counts instructions (core/wasm/validated.h).
struct Config {
  Engine engine = Engine::Interp;
  CodeSource* code_source = nullptr;  // for all but Engine::Interp; code_source.h
  CodeFeeds* code_feeds = nullptr;    // for Engine::Auto; code_feed.h
  Thresholds thresholds = {};         // with code_feeds
  wasm::Features features = wasm::Features::all();
  unsigned validation_threads = 1;
  runtime::StoreLimits store = {};
  uint64_t stack_bytes = uint64_t{4} << 20;
  int64_t fuel = runtime::Execution::kUnlimitedFuel;
};

}  // namespace cordon::engine
