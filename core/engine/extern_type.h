// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The types of imports and of the definitions offered for them: matching (spec §4.5.4.1, "external
// values") and text for messages. Used by the linker alone.
#pragma once

#include <string>

#include "core/runtime/instance.h"
#include "core/wasm/module.h"

namespace cordon::engine {

// Whether `found` matches `import` of `module`. The current sizes of tables and memories count as
// their minimum.
bool matches(const wasm::Module& module, const wasm::Import& import, const runtime::Extern& found);

// "func [i32 i64] -> [f32]", "table {min 1, max 2} funcref", "memory {min 1}", "global mut i32".
std::string describe(const wasm::Module& module, const wasm::Import& import);
std::string describe(const runtime::Extern& found);
std::string describe(const wasm::FuncType& type);

}  // namespace cordon::engine
