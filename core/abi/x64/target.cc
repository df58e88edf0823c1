// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Detects features by CPUID through the compiler's runtime, which also checks that the kernel saves
// the AVX registers.
#include "core/abi/target.h"

namespace cordon::abi {

bool target_supported() {
  return __builtin_cpu_supports("sse4.2") != 0 && __builtin_cpu_supports("popcnt") != 0;
}

Target detect_target() {
  Target target;
  const auto add = [&target](bool there, CpuFeature feature) {
    if (there) target.cpu_features |= static_cast<uint32_t>(feature);
  };
  add(__builtin_cpu_supports("bmi"), CpuFeature::Bmi1);
  add(__builtin_cpu_supports("bmi2"), CpuFeature::Bmi2);
  add(__builtin_cpu_supports("lzcnt"), CpuFeature::Lzcnt);
  add(__builtin_cpu_supports("avx"), CpuFeature::Avx);
  add(__builtin_cpu_supports("avx2"), CpuFeature::Avx2);
  return target;
}

}  // namespace cordon::abi
