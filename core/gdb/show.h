// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Shows native code to a debugger: names of its functions, and backtraces that go on through them
// to the host. For embedders, tools and tests that run guests in their own process; the workers of
// `cordon run` do not link it.
//
//     engine::LoadedModule loaded = TRY(engine::load(bytes, config));
//     loaded.code = gdb::show(*loaded.module, std::move(loaded.code));
//
// docs/generated-code.md, section 14, describes what a debugger shows then.
#pragma once

#include <memory>

#include "core/runtime/code/space.h"
#include "core/wasm/validated.h"

namespace cordon::gdb {

// Returns the same code; GDB knows its present units as long as the returned pointer is shared.
// Null stays null: interpreted functions have no frames of their own.
// A function is called "wasm$NAME" by its name in the name section, or "wasm-function[INDEX]".
std::shared_ptr<const runtime::CodeSpace> show(const wasm::ValidatedModule& module,
                                               std::shared_ptr<const runtime::CodeSpace> code);

}  // namespace cordon::gdb
