// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Isa: a machine's part of the verifier. No code outside of a folder of that name uses a register
// or a byte of a machine.
#pragma once

#include <memory>

#include "core/abi/code_blob.h"

namespace cordon::verify {

class Layout;
class Pass;

using RegSet = uint32_t;  // of general registers, by the machine's numbers

struct Isa {  // one constant for each machine
  abi::Machine machine;
  RegSet free_registers;  // all but the pinned ones: a leader may claim facts of these
  uint32_t cpu_features;  // abi::CpuFeature bits that mean something
  ByteSpan padding;       // what repeats between functions: an instruction that kills the process
  // Whether a slot of the table of entries, at `at` in the code space, jumps to `target` and does
  // nothing else.
  bool (*jumps_to)(ByteSpan slot, uint32_t at, uint32_t target);
  std::unique_ptr<Pass> (*make_pass)(const Layout& layout, const abi::CodeBlob& blob);
};

// The Isa for code of this machine, or null if there is none (isa.cc).
const Isa* isa_of(abi::Machine machine);

}  // namespace cordon::verify
