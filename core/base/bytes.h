// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Views of bytes. They own nothing: their maker keeps the bytes alive and, for guest modules,
// unchanged (the interpreter runs in place over them).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace cordon {

using ByteSpan = std::span<const uint8_t>;
using MutableByteSpan = std::span<uint8_t>;

// The same bytes seen as the other type; the view lives as long as what it was made from. Text is
// not checked to be UTF-8, and need not end in a zero.
inline ByteSpan as_bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace cordon
