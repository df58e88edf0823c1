// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Choices: the fuzzer's bytes, read as decisions. Used by the generator alone. After the last byte
// every decision is the first alternative and spent() is true, so a generator that checks spent()
// in its loops ends; and similar inputs give similar modules, which lets a fuzzer make progress.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "core/base/bytes.h"

namespace cordon::fuzz {

class Choices {
 public:
  explicit Choices(ByteSpan bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool spent() const { return at_ == end_; }

  uint8_t byte() { return spent() ? uint8_t{0} : *at_++; }
  uint64_t bits(unsigned bytes) {
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes; ++i) value |= uint64_t{byte()} << (8 * i);
    return value;
  }

  // All remaining bytes, which are skipped.
  ByteSpan rest() {
    const ByteSpan all(at_, end_);
    at_ = end_;
    return all;
  }

  // One of 0 ... count - 1. `count` is not 0.
  uint32_t below(uint32_t count) {
    if (count == 1) return 0;
    return static_cast<uint32_t>(bits(count <= 256 ? 1 : 2) % count);
  }
  // True once in `times`; false when the bytes are used up.
  bool once_in(uint32_t times) { return below(times) == times - 1; }
  template <class Items>
  const auto& of(const Items& items) {
    return std::data(items)[below(static_cast<uint32_t>(std::size(items)))];
  }

  // The first of `parts` equal parts of the remaining bytes, which is skipped.
  Choices share(uint32_t parts) {
    const auto size = static_cast<size_t>(end_ - at_) / parts;
    Choices part(ByteSpan(at_, size));
    at_ += size;
    return part;
  }

 private:
  const uint8_t* at_;
  const uint8_t* end_;
};

}  // namespace cordon::fuzz
