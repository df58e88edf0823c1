// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The one reader of value types and reference types (spec §5.3.1 to §5.3.4), for the declarations
// of a module and for the immediates of its instructions. The error is the cursor's.
#pragma once

#include "core/wasm/cursor.h"
#include "core/wasm/features.h"
#include "core/wasm/types.h"

namespace cordon::wasm {

// References and vectors need their features; i32 on error.
ValType read_value_type(Cursor& in, Features features);
// funcref was a table type before reference types, so only externref needs the feature. funcref on
// error.
ValType read_ref_type(Cursor& in, Features features);

// The heap type of a ref.null (spec of 3.0 §5.3.3), as a nullable reference to it. funcref on
// error.
ValType read_heap_type(Cursor& in, Features features);

// Reports an item at `offset` whose feature is off.
void fail_feature_off(Cursor& in, uint32_t offset, Feature feature);

}  // namespace cordon::wasm
