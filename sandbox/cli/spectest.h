// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The host module "spectest" that the specification's test scripts import: globals, a table, a
// memory, and functions that print, which here ignore their arguments.
#pragma once

#include "core/engine/linker.h"

namespace cordon::cli {

// Makes the module's definitions in `store` and defines them under "spectest" in `linker`. Fails if
// a limit of the store is exceeded.
Result<void> define_spectest(runtime::Store& store, engine::Linker& linker);

}  // namespace cordon::cli
