// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the oracle's host provides for a module's imports of tables, memories and globals: what the
// module asks for or, by the run's options, something near, which links or does not. Used by Host,
// and by the request to an engine of others, which must get the same.
#pragma once

#include <cstdint>

#include "core/wasm/module.h"

namespace cordon::fuzz {

// The type of the import's kind is the one that counts.
struct Provided {
  wasm::TableType table = {};
  wasm::MemoryType memory = {};
  wasm::GlobalType global = {};
  uint32_t grown = 0;  // pages or elements that a memory or table grows by before it is imported
};

// `strangeness` is RunOptions::imports, or 0 for exactly what the module asks for. The import is
// not of a function.
Provided provided(const wasm::Module& module, const wasm::Import& import, uint32_t strangeness);

}  // namespace cordon::fuzz
