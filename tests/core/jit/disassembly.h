// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Code of a blob as text, by Zydis: one instruction a line, without addresses, so that a change of
// one instruction changes one line. Leaders are L0, L1... with the registers that are u32 there;
// branches to a trap name the trap, and an access that may trap is marked.
#pragma once

#include <string>

#include "core/abi/code_blob.h"

namespace cordon::testing {

// Function `index` of those with a body.
std::string disassemble(const abi::CodeBlob& blob, size_t index);

}  // namespace cordon::testing
