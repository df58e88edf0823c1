// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// ConstantPool: the read-only data of a chunk of functions: float constants, each once, and jump
// tables. Append only; the offset of what was put in stays.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

#include "core/base/bytes.h"

namespace cordon::jit::masm {

// Offsets are into bytes(), which moves when something is put in.
class ConstantPool {
 public:
  // Empty.
  ConstantPool() { clear(); }

  // 4 or 8 bytes, on a multiple of 8.
  uint32_t scalar(uint64_t bits) {
    // A direct-mapped memory: what it has forgotten is put in again, the same on every run.
    Known& known = known_[(bits * 0x9E37'79B9'7F4A'7C15u) >> 56];
    if (known.offset != kNone && known.bits == bits) return known.offset;
    known = {bits, space(8)};
    std::memcpy(bytes_.data() + known.offset, &bits, sizeof bits);
    return known.offset;
  }
  // Zeroes, on a multiple of 8.
  uint32_t space(uint32_t size) {
    const auto at = static_cast<uint32_t>(bytes_.size());
    bytes_.resize(at + ((size + 7) & ~uint32_t{7}));
    return at;
  }

  ByteSpan bytes() const { return bytes_; }
  // Forgets all data, for the next chunk.
  void clear() {
    bytes_.clear();
    known_.fill({0, kNone});
  }

 private:
  static constexpr uint32_t kNone = ~uint32_t{0};
  struct Known {
    uint64_t bits;
    uint32_t offset;
  };
  std::array<Known, 256> known_;
  std::vector<uint8_t> bytes_;
};

}  // namespace cordon::jit::masm
