// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Target: the CPU features beyond x86-64-v2 (SSE4.2, POPCNT) that code may be made for. The process
// that compiles detects them and writes those it used into the blob (BlobOptions::cpu_features);
// the process that runs the code refuses a blob that asks for one it does not have.
#pragma once

#include <cstdint>
#include <string_view>

namespace cordon::abi {

// Bits of BlobOptions::cpu_features.
enum class CpuFeature : uint32_t { Bmi1 = 1, Bmi2 = 2, Lzcnt = 4, Avx = 8 };

struct Target {
  uint32_t cpu_features = 0;  // x86-64-v2 alone

  bool has(CpuFeature feature) const {
    return (cpu_features & static_cast<uint32_t>(feature)) != 0;
  }
  // Whether code that needs `features` may run here.
  bool provides(uint32_t features) const { return (features & ~cpu_features) == 0; }
  bool operator==(const Target&) const = default;
};

// The features of this processor; none if it is not even an x86-64-v2: see `supported`.
Target detect_target();
// Whether the processor has what all generated code takes for given.
bool target_supported();

}  // namespace cordon::abi
