// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The baseline tier: machine code in one pass over each body, made fast and reasonably good. The
// rest of Cordon uses only this header of the folder.
#pragma once

#include "core/jit/tier.h"

namespace cordon::jit {

// A Tier.
std::unique_ptr<FuncCompiler> baseline_tier(const wasm::Module& module, const abi::ModulePlan& plan,
                                            const FuncOptions& options);

}  // namespace cordon::jit
