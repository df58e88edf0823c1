// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/wasm/feature_needs.h"

#include "core/wasm/diagnostics.h"
#include "core/wasm/validated.h"

namespace cordon::wasm {
namespace {

Result<void> check(ByteSpan bytes, Features features) {
  auto validated = validate_module(TRY(decode_module(bytes, features)));
  if (!validated) return Failure(std::move(validated).error());
  return {};
}

}  // namespace

std::vector<Feature> features_needed(const Module& module) {
  std::vector<Feature> needed;
  constexpr auto kFirst = static_cast<unsigned>(Feature::mvp) + 1;
  for (unsigned i = kFirst; i < static_cast<unsigned>(Feature::kCount); ++i) {
    const auto feature = static_cast<Feature>(i);
    if (!module.features.has(feature)) continue;
    if (!check(module.bytes(), module.features.without(feature))) needed.push_back(feature);
  }
  return needed;
}

Diagnostic why_not_compiled(ByteSpan bytes, Features features, Diagnostic error) {
  if (error.kind != &diag::feature_off) return error;
  Result<void> valid = check(bytes, features);
  if (!valid) return std::move(valid).error();
  return {&diag::not_compiled, kNoOffset, 0, std::move(error.detail)};
}

}  // namespace cordon::wasm
