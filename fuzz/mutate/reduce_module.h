// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// reduce_module: a smaller module with the same failure. It works on the parts of modules:
// sections, items, functions, blocks, instructions, constants; imports become definitions where
// that changes nothing. Called by cordon-fuzz-reduce.
#pragma once

#include <functional>

#include "fuzz/mutate/pieces.h"

namespace cordon::fuzz {

// Whether a module still fails as before. REQUIRES: the one to be reduced does.
using Predicate = std::function<bool(const ByteString&)>;

// The smallest module found. A valid module is reduced by valid ones only, so that `holds` need not
// be called for others. Ends early, with the best so far, once `stop` returns true.
ByteString reduce_module(
    ByteString module, const Predicate& holds,
    const std::function<bool()>& stop = [] { return false; });

}  // namespace cordon::fuzz
