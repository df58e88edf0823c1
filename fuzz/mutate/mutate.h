// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// mutate: changes a module in a few places by mutations.def, so that it is nearly valid, or valid
// in a way that no generator writes. For oracles that judge modules; a mutant's run may not end.
// Called by the target `validate`, its campaign and tests.
#pragma once

#include "fuzz/gen/choices.h"
#include "fuzz/mutate/pieces.h"

namespace cordon::fuzz {

// One to four changes to `module`. Sections may come from `donor`, which may be empty.
ByteString mutate(Choices& choices, ByteSpan module, ByteSpan donor);

}  // namespace cordon::fuzz
