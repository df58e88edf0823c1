// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// [B1] Arguments of builtins: whether what a call hands over is what the signature in builtins.def
// asks for. The pass knows what is in the registers; this knows the module. The same for every
// machine.
#pragma once

#include <array>
#include <optional>

#include "core/abi/convention.h"
#include "core/abi/vmctx.h"
#include "core/base/diagnostic.h"
#include "core/wasm/module.h"

namespace cordon::verify {

// What is known of the register in which an argument arrives.
struct Argument {
  std::optional<uint32_t> constant;  // its value
  bool is_u32 = false;               // its upper half is zero
};
// In the order of abi::kBuiltinParams.
using Arguments = std::array<Argument, abi::kBuiltinParams.size()>;

// The first rule that this call breaks, or null. `frame_size` is that of the caller.
const DiagnosticKind* broken_by_call(const wasm::Module& module, abi::Builtin builtin,
                                     const Arguments& arguments, uint32_t frame_size);

}  // namespace cordon::verify
