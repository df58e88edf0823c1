// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <vector>

#include "core/base/result.h"
#include "core/wasm/features.h"
#include "core/wasm/module.h"

namespace cordon::wasm {

// The features beyond WebAssembly 1.0 without which `module` is not valid, in the order of
// features.def. `module` is valid with the features that it was decoded with. Decodes and validates
// it once a feature.
std::vector<Feature> features_needed(const Module& module);

// The reason for which a module, refused for `error` with the compiler's features, cannot be
// compiled: not_compiled with the feature's name, if `features` make `bytes` a valid module;
// otherwise the error that they give.
Diagnostic why_not_compiled(ByteSpan bytes, Features features, Diagnostic error);

}  // namespace cordon::wasm
