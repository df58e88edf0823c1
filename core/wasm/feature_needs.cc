// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/wasm/feature_needs.h"

#include "core/wasm/validated.h"

namespace cordon::wasm {
namespace {

bool is_valid(ByteSpan bytes, Features features) {
  Result<Module> decoded = decode_module(bytes, features);
  return decoded && validate_module(std::move(*decoded));
}

}  // namespace

std::vector<Feature> features_needed(const Module& module) {
  std::vector<Feature> needed;
  constexpr auto kFirst = static_cast<unsigned>(Feature::mvp) + 1;
  for (unsigned i = kFirst; i < static_cast<unsigned>(Feature::kCount); ++i) {
    const auto feature = static_cast<Feature>(i);
    if (!module.features.has(feature)) continue;
    if (!is_valid(module.bytes(), module.features.without(feature))) needed.push_back(feature);
  }
  return needed;
}

}  // namespace cordon::wasm
