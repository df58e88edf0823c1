// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// scan_body: whether the bytes of a body are well-formed (spec §5.4), valid or not. Validation
// reads bodies once and calls this only for a body that it refused, since a malformed body is
// reported as malformed, not as invalid.
#pragma once

#include "core/base/result.h"
#include "core/wasm/module.h"

namespace cordon::wasm {

// The first error that has nothing to do with types or index spaces.
Result<void> scan_body(const Module& module, const FuncBody& body);

}  // namespace cordon::wasm
