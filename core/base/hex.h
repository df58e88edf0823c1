// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Numbers as text for messages, without iostream or fmt (the workers link neither).
#pragma once

#include <charconv>
#include <cstdint>
#include <string>

namespace cordon {

// 31 -> "0x1f".
inline std::string hex(uint64_t value) {
  char digits[16];
  auto result = std::to_chars(digits, digits + sizeof digits, value, 16);
  return "0x" + std::string(digits, result.ptr);
}

}  // namespace cordon
