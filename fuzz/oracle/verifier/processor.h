// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Processor: a Unicorn processor with the regions of world.h mapped, as registers and bytes. It
// knows no rule. Used by Emulator.
#pragma once

#include <unicorn/unicorn.h>

#include <array>
#include <cstdint>
#include <vector>

#include "core/base/bytes.h"

namespace cordon::fuzz::emulated {

using Registers = std::array<uint64_t, 16>;  // by the hardware's numbers

class Processor {
 public:
  Processor();
  ~Processor();
  Processor(const Processor&) = delete;
  Processor& operator=(const Processor&) = delete;

  uc_engine* engine() const { return engine_; }
  Registers registers() const;
  void set(const Registers& values);
  // xmm0 to xmm15, the low half of each first.
  void set_vectors(const std::array<uint64_t, 32>& halves);
  void write(uint64_t address, ByteSpan bytes);
  uint64_t read64(uint64_t address) const;
  // Writes the code's region from its first byte on; earlier contents are discarded.
  void write_code(uint64_t offset, ByteSpan bytes);
  // Runs until a hook stops it, or a fault does; false for a fault.
  bool start(uint64_t pc) { return uc_emu_start(engine_, pc, ~uint64_t{0}, 0, 0) == UC_ERR_OK; }
  void stop() { uc_emu_stop(engine_); }

 private:
  uc_engine* engine_ = nullptr;
};

}  // namespace cordon::fuzz::emulated
