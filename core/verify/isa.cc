// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/verify/isa.h"

namespace cordon::verify {

namespace x64 {
extern const Isa kIsa;
}

const Isa* isa_of(abi::Machine machine) {
  return machine == abi::Machine::x64 ? &x64::kIsa : nullptr;
}

}  // namespace cordon::verify
