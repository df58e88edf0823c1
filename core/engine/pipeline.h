// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From bytes to a module that can be instantiated: decode, then validate. Called by the workers,
// the command line and tests.
#pragma once

#include <memory>

#include "core/base/bytes.h"
#include "core/engine/config.h"
#include "core/wasm/validated.h"

namespace cordon::engine {

struct LoadTimes {
  uint64_t decode_ns = 0;
  uint64_t validate_ns = 0;
};

struct LoadedModule {
  std::shared_ptr<const wasm::ValidatedModule> module;
  LoadTimes times;
};

// `bytes` must stay, unchanged, as long as the module and every store that has an instance of it:
// the interpreter runs over them in place.
Result<LoadedModule> load(ByteSpan bytes, const Config& config = {});

}  // namespace cordon::engine
