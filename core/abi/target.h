// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Target: the CPU features, beyond those of the least processor, that code may use. The process
// that compiles detects them and writes those it used into the blob (BlobOptions::cpu_features);
// the process that runs the code refuses a blob that needs one it does not have.
#pragma once

#include <cstdint>

#include "core/abi/machine.h"

#if defined(CORDON_MACHINE_X64)
#include "core/abi/x64/cpu_features.h"
namespace cordon::abi {
using x64::CpuFeature;
using x64::kLeastProcessor;
}  // namespace cordon::abi
#elif defined(CORDON_MACHINE_ARM64)
#include "core/abi/arm64/cpu_features.h"
namespace cordon::abi {
using arm64::CpuFeature;
using arm64::kLeastProcessor;
}  // namespace cordon::abi
#endif

namespace cordon::abi {

// No instruction of generated code accesses more bytes of linear memory than this, a v128.
inline constexpr uint32_t kWidestAccess = 16;

// A set of CPU features, on top of kLeastProcessor.
struct Target {
  uint32_t cpu_features = 0;  // kLeastProcessor alone

  // Whether code may use the feature.
  bool has(CpuFeature feature) const {
    return (cpu_features & static_cast<uint32_t>(feature)) != 0;
  }
  // Whether code that needs `features` may run here.
  bool provides(uint32_t features) const { return (features & ~cpu_features) == 0; }
  bool operator==(const Target&) const = default;
};

// The features of this processor; none if it lacks the least ones: see target_supported().
Target detect_target();
// Whether the processor has the features that all generated code needs, kLeastProcessor.
bool target_supported();

}  // namespace cordon::abi
