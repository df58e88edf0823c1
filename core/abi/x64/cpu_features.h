// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The optional features of x86-64 processors that code may use. Read through
// core/abi/target.h.
#pragma once

#include <cstdint>
#include <string_view>

namespace cordon::abi::x64 {

// The features that all code relies on: SSE4.2 and POPCNT.
inline constexpr std::string_view kLeastProcessor = "x86-64-v2";

// Bits of BlobOptions::cpu_features.
enum class CpuFeature : uint32_t { Bmi1 = 1, Bmi2 = 2, Lzcnt = 4, Avx = 8, Avx2 = 16 };

}  // namespace cordon::abi::x64
