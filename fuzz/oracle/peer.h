// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The peer: a second guest module that provides what a module imports from "peer", so that calls
// cross instances with memories of their own, both ways. Made from the imports' types alone. Used
// by observe().
#pragma once

#include <cstdint>
#include <vector>

#include "core/wasm/module.h"

namespace cordon::fuzz {

inline constexpr const char* kPeerName = "peer";

// Empty if `module` imports no function from it.
std::vector<uint8_t> peer_of(const wasm::Module& module);

}  // namespace cordon::fuzz
