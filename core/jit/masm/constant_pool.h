// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// ConstantPool: the read-only data of a chunk of functions: constants of floats and vectors, each
// once, and jump tables. Append only; offsets stay valid.
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
    // A direct-mapped cache: a constant that was evicted is added again, the same on every run.
    Known& known = known_[(bits * 0x9E37'79B9'7F4A'7C15u) >> 56];
    if (known.offset != kNone && known.bits == bits) return known.offset;
    known = {bits, space(8)};
    std::memcpy(bytes_.data() + known.offset, &bits, sizeof bits);
    return known.offset;
  }
  // 16 bytes, on a multiple of 16 like the pool itself.
  uint32_t vector(const std::array<uint8_t, 16>& value) {
    uint64_t halves[2];
    std::memcpy(halves, value.data(), sizeof halves);
    const uint64_t hash = halves[0] * 0x9E37'79B9'7F4A'7C15u + halves[1] * 0xC2B2'AE3D'27D4'EB4Fu;
    KnownVector& known = known_vectors_[hash >> 58];
    if (known.offset != kNone && known.value == value) return known.offset;
    if (bytes_.size() % value.size() != 0) space(8);
    known = {value, space(static_cast<uint32_t>(value.size()))};
    std::memcpy(bytes_.data() + known.offset, value.data(), value.size());
    return known.offset;
  }
  // Zeroes, on a multiple of 8.
  uint32_t space(uint32_t size) {
    const auto at = static_cast<uint32_t>(bytes_.size());
    bytes_.resize(at + ((size + 7) & ~uint32_t{7}));
    return at;
  }

  ByteSpan bytes() const { return bytes_; }
  // Drops all data, for the next chunk.
  void clear() {
    bytes_.clear();
    known_.fill({0, kNone});
    known_vectors_.fill({{}, kNone});
  }

 private:
  static constexpr uint32_t kNone = ~uint32_t{0};
  struct Known {
    uint64_t bits;
    uint32_t offset;
  };
  struct KnownVector {
    std::array<uint8_t, 16> value;
    uint32_t offset;
  };
  std::array<Known, 256> known_;
  std::array<KnownVector, 64> known_vectors_;
  std::vector<uint8_t> bytes_;
};

}  // namespace cordon::jit::masm
