// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The optional features of AArch64 processors that code may use: none yet. Read through
// core/abi/target.h.
#pragma once

#include <cstdint>
#include <string_view>

namespace cordon::abi::arm64 {

inline constexpr std::string_view kLeastProcessor = "Armv8-A";

// Bits of BlobOptions::cpu_features.
enum class CpuFeature : uint32_t {};

}  // namespace cordon::abi::arm64
