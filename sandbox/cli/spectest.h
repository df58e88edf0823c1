// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The host module "spectest" that the specification's test scripts import: globals, a table, a
// memory, and functions that print, which here take their arguments and say nothing.
#pragma once

#include "core/engine/linker.h"

namespace cordon::cli {

Result<void> define_spectest(runtime::Store& store, engine::Linker& linker);

}  // namespace cordon::cli
