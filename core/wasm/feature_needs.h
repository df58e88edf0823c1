// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <vector>

#include "core/base/result.h"
#include "core/wasm/features.h"
#include "core/wasm/module.h"

namespace cordon::wasm {

// The features beyond WebAssembly 1.0 that a module needs, in the order of features.def: those
// without which it is not valid. `module` is valid with the features that it was decoded with. It
// is decoded and validated once a feature.
std::vector<Feature> features_needed(const Module& module);

// Why the compiler cannot have a module, which was refused for `error` with the features that the
// compiler has: not_compiled, by the feature's name, if `features` make a valid module of `bytes`;
// else what is wrong with them then.
Diagnostic why_not_compiled(ByteSpan bytes, Features features, Diagnostic error);

}  // namespace cordon::wasm
