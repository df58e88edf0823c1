// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// RunOptions: how the oracle runs a module. They are stored in the module's own custom section, so
// that a file in tests/regress runs as when it was found; others have defaults.
#pragma once

#include <cstdint>
#include <vector>

#include "core/wasm/module.h"
#include "tests/kit/wasm_bytes.h"

namespace cordon::fuzz {

inline constexpr const char* kOptionsSection = "cordon-fuzz";

struct RunOptions {
  static constexpr uint64_t kNoFuelLimit = 0;
  // Fuel of all calls together; code that charges fuel differs from code that does not.
  uint64_t fuel = 40'000;
  // Bits of abi::CpuFeature that the compiler may use if the processor has them.
  uint32_t cpu_features = ~uint32_t{0};
  // Bytes of wasm code in a piece of machine code; 0: all code is one piece.
  uint32_t piece_bytes = 0;
  // Not 0: with far limits (observe.h) the host provides something similar to what is imported
  // (provided.h), selected by this number; the module may not link.
  uint32_t imports = 0;
  // How code comes that is compiled while the module runs (tests/kit/growth.h).
  uint32_t schedule = 0;
};

testing::WasmBytes encode(const RunOptions& options);
RunOptions options_of(const wasm::Module& module);
// The same of a module's bytes; the defaults if they do not decode.
RunOptions options_of_bytes(ByteSpan module);
// The module with these options instead of its own.
std::vector<uint8_t> with_options(std::vector<uint8_t> module, const RunOptions& options);

}  // namespace cordon::fuzz
