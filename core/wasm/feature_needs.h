// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <vector>

#include "core/wasm/features.h"
#include "core/wasm/module.h"

namespace cordon::wasm {

// The features beyond WebAssembly 1.0 that a module needs, in the order of features.def: those
// without which it is not valid. `module` is valid with the features that it was decoded with. It
// is decoded and validated once a feature.
std::vector<Feature> features_needed(const Module& module);

}  // namespace cordon::wasm
