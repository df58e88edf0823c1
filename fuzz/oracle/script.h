// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// script_of: the reference engine's results for a module, as a script for `cordon wast`, so that a
// finding is visible in the shipped program: the calls of observe() with their results, and the
// exported globals at the end. Called by cordon-fuzz-script.
#pragma once

#include <string>

#include "core/base/bytes.h"

namespace cordon::fuzz {

// JSON as wast2json writes it, for the module in the file `filename` beside the script; empty if
// the module is refused. Ends before a call that runs out of fuel, since scripts have none.
std::string script_of(ByteSpan module, const std::string& filename);

}  // namespace cordon::fuzz
