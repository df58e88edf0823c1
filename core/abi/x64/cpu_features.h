// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What processors of x86-64 have or lack, as far as code makes use of it. Read through
// core/abi/target.h.
#pragma once

#include <cstdint>
#include <string_view>

namespace cordon::abi::x64 {

// What all code takes for given: SSE4.2 and POPCNT.
inline constexpr std::string_view kLeastProcessor = "x86-64-v2";

// Bits of BlobOptions::cpu_features.
enum class CpuFeature : uint32_t { Bmi1 = 1, Bmi2 = 2, Lzcnt = 4, Avx = 8, Avx2 = 16 };

}  // namespace cordon::abi::x64
