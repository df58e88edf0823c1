// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The host module "spectest" that the specification's test scripts import: globals, a table, a
// memory, and functions that print, which here take their arguments and say nothing.
#pragma once

#include "core/engine/linker.h"

namespace cordon::cli {

// Makes the module's things in `store` and defines them under "spectest" in `linker`. Fails at a
// limit of the store.
Result<void> define_spectest(runtime::Store& store, engine::Linker& linker);

}  // namespace cordon::cli
