// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// scan_body: whether the bytes of a body are well-formed (spec §5.4), whatever they mean.
// Validation reads bodies once and asks this only about one that it refused: what is malformed does
// not get as far as being invalid.
#pragma once

#include "core/base/result.h"
#include "core/wasm/module.h"

namespace cordon::wasm {

// The first error that has nothing to do with types or index spaces.
Result<void> scan_body(const Module& module, const FuncBody& body);

}  // namespace cordon::wasm
