// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The monitor: runs a code blob in a process of its own and says whether it touched anything that
// the rules do not allow.
#pragma once

#include <string>

#include "core/base/bytes.h"

namespace cordon::mutation {

enum class End : uint8_t {
  Harmless,   // came to its end, by results or traps, and left everything else alone
  Endless,    // was stopped by the clock
  Division,   // a division's fault, which the rules leave to the process's end
  Caught,     // the runtime refused what a builtin was given: a reference, an index, an address
  Violation,  // anything else
};

// Calls every exported function of `module` with the code of `blob`, which the engine verifies
// first as always. `what` becomes what was seen of a violation. Where `steps` is given each
// instruction of the guest is looked at before it is executed (stepper.h), and counted.
End run_monitored(ByteSpan module, ByteSpan blob, bool fuel, std::string& what,
                  uint64_t* steps = nullptr);

}  // namespace cordon::mutation
