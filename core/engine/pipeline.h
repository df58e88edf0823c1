// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From bytes to a module that can be instantiated: decodes, validates, and, unless it is to be
// interpreted, gets machine code, verifies it and makes it executable. Called by the workers, the
// command line and tests.
#pragma once

#include <memory>
#include <optional>

#include "core/base/bytes.h"
#include "core/engine/config.h"
#include "core/runtime/code/space.h"
#include "core/wasm/validated.h"

namespace cordon::engine {

// The duration of each part of one load(), in nanoseconds of monotonic time.
struct LoadTimes {
  uint64_t decode_ns = 0;
  uint64_t validate_ns = 0;
  uint64_t code_ns = 0;    // waiting for the code source, which may compile meanwhile
  uint64_t verify_ns = 0;  // and publishing
};

// How a module's instances get code while they run.
struct Growing {
  CodeFeeds* feeds;
  bool fuel;  // whether code must charge it
  Thresholds thresholds;
};

// Can be instantiated any number of times, in several stores. Copies share module and code.
struct LoadedModule {
  std::shared_ptr<const wasm::ValidatedModule> module;
  std::shared_ptr<const runtime::CodeSpace> code;  // null if it is interpreted, at first at least
  std::optional<Growing> growing;
  LoadTimes times;
};

// `bytes` must stay unchanged as long as the module and every store with an instance of it exist:
// the interpreter runs over them in place.
// The code charges fuel if and only if config.fuel is a limit.
Result<LoadedModule> load(ByteSpan bytes, const Config& config = {});

}  // namespace cordon::engine
