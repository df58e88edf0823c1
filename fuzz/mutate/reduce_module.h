// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// reduce_module: a smaller module about which the same can be said. It works on what modules are
// made of: sections, items, functions, blocks, instructions, constants; imports become definitions
// where that changes nothing. Called by cordon-fuzz-reduce.
#pragma once

#include <functional>

#include "fuzz/mutate/pieces.h"

namespace cordon::fuzz {

// Whether what is looked for still holds of a module. REQUIRES: it holds of the one to be reduced.
using Predicate = std::function<bool(const ByteString&)>;

// The smallest module found. A module that is valid is reduced by valid ones only, which costs no
// call of `holds` for the others. Ends early, with what it has, after `stop` says so.
ByteString reduce_module(
    ByteString module, const Predicate& holds,
    const std::function<bool()>& stop = [] { return false; });

}  // namespace cordon::fuzz
