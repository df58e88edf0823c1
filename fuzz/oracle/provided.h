// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the oracle's host provides for a module's imports of tables, memories and globals: what the
// module declares or, by the run's options, something similar, which may not link. Used by Host,
// and by the request to a foreign engine, which must get the same.
#pragma once

#include <cstdint>

#include "core/wasm/module.h"

namespace cordon::fuzz {

// Only the type of the import's kind is used.
struct Provided {
  wasm::TableType table = {};
  wasm::MemoryType memory = {};
  wasm::GlobalType global = {};
  uint32_t grown = 0;  // pages or elements that a memory or table grows by before it is imported
};

// `strangeness` is RunOptions::imports, or 0 for exactly what the module declares. The import is
// not of a function.
Provided provided(const wasm::Module& module, const wasm::Import& import, uint32_t strangeness);

}  // namespace cordon::fuzz
