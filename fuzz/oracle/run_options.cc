// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/oracle/run_options.h"

#include "core/wasm/cursor.h"
#include "tests/kit/module_builder.h"

namespace cordon::fuzz {

testing::WasmBytes encode(const RunOptions& options) {
  return testing::WasmBytes()
      .u64(options.fuel)
      .u32(options.cpu_features)
      .u32(options.piece_bytes)
      .u32(options.imports)
      .u32(options.schedule);
}

RunOptions options_of(const wasm::Module& module) {
  RunOptions options;
  for (const wasm::CustomSection& section : module.customs) {
    if (section.name != kOptionsSection) continue;
    wasm::Cursor cursor(module.bytes(), section.range);
    RunOptions read;
    read.fuel = cursor.u64();
    if (!cursor.at_end()) read.cpu_features = cursor.u32();
    if (!cursor.at_end()) read.piece_bytes = cursor.u32();
    if (!cursor.at_end()) read.imports = cursor.u32();
    if (!cursor.at_end()) read.schedule = cursor.u32();
    if (cursor.ok()) options = read;
  }
  return options;
}

RunOptions options_of_bytes(ByteSpan module) {
  const Result<wasm::Module> decoded = wasm::decode_module(module);
  return decoded ? options_of(*decoded) : RunOptions();
}

// The last section counts.
std::vector<uint8_t> with_options(std::vector<uint8_t> module, const RunOptions& options) {
  const testing::WasmBytes more = testing::custom_section(kOptionsSection, encode(options));
  module.insert(module.end(), more.bytes().begin(), more.bytes().end());
  return module;
}

}  // namespace cordon::fuzz
