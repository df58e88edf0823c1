// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The messages to child.mjs: at its start the numbers and classes that both sides use, then for
// each module how to run it. Used by Reference.
#pragma once

#include <string>

#include "core/wasm/module.h"

namespace cordon::fuzz {

// Larger memories are compared by their size alone: JavaScript would take a second for each GiB.
inline constexpr uint64_t kMaxHashedPages = 64;

std::string reference_settings();

// A message about the bytes. Without `module`, their decoded form, they are judged and not run.
std::string reference_request(ByteSpan bytes, const wasm::Module* module);

}  // namespace cordon::fuzz
