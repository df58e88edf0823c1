// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Secrets [R2]: whether a number of a guest's is an address of the host's. A guest may know where
// machine code of guests is, and no other address.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/bytes.h"

namespace cordon::fuzz::accepted {

class Secrets {
 public:
  // Allows addresses in the machine code of a guest.
  void allow(ByteSpan code) { allowed_.push_back(code); }
  // Stops checking: the program was given addresses.
  void give_up() { watching_ = false; }

  // Ends the program if `value` is the address of something mapped.
  void check(uint64_t value, const char* where) const {
    if (value >= kLowest && value < kEnd && watching_) check_address(value, where);
  }
  void check(const uint8_t* words, size_t size, const char* where) const;

 private:
  // Everything of the host is mapped in this range, except a sanitizer's shadow; below, numbers of
  // the guest's own would be taken for addresses.
  static constexpr uint64_t kLowest = uint64_t{1} << 46, kEnd = uint64_t{1} << 47;
  void check_address(uint64_t value, const char* where) const;

  std::vector<ByteSpan> allowed_;
  bool watching_ = true;
};

}  // namespace cordon::fuzz::accepted
