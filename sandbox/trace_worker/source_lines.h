// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// SourceLines: the source lines of a module's instructions, by the DWARF in its custom sections.
// For the trace worker alone: the DWARF is untrusted. Malformed DWARF is ignored, and at worst ends
// the process.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/wasm/module.h"

namespace cordon::trace_worker {

// One place in the source. Texts are the module's own: raw, and as long as its DWARF's.
struct SourceLine {
  std::string func;  // by the linker's name; empty if unknown
  std::string file;
  uint32_t line = 0, column = 0;  // 0 if unknown
};

// Reads DWARF on demand and keeps what it has parsed. For one thread.
class SourceLines {
 public:
  // [L1] Larger DWARF is ignored.
  static constexpr uint64_t kMostBytes = uint64_t{512} << 20;

  // `module` must outlive this.
  explicit SourceLines(const wasm::Module& module);
  ~SourceLines();
  SourceLines(const SourceLines&) = delete;
  SourceLines& operator=(const SourceLines&) = delete;

  // The lines of the instruction at `module_offset`: its own first, then that of each call which
  // was inlined around it; at most `most`. Nothing if the module does not have them.
  std::vector<SourceLine> at(uint64_t module_offset, size_t most) const;

 private:
  struct Reader;
  std::unique_ptr<Reader> reader_;  // null if there is no DWARF
  uint64_t code_at_, code_size_;
};

}  // namespace cordon::trace_worker
