// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the hostile path broker is to try, as the one number that a broker is told: the most files
// that the guest may have open.
#pragma once

#include <cstdint>
#include <iterator>
#include <string_view>

namespace cordon::escape {

inline constexpr const char* kForms[] = {"x86-64", "x32", "int80"};
inline constexpr uint32_t kNumbers = 1000;
inline constexpr uint32_t kFirstOrder = 4096;

// A system call's number and form, and whether the guest filter is on by then.
struct Order {
  uint32_t number, form;
  bool in_guest_phase;
};

constexpr uint32_t max_files_of(const Order& order) {
  const uint32_t kind = order.form * 2 + (order.in_guest_phase ? 1 : 0);
  return kFirstOrder + kind * kNumbers + order.number;
}
constexpr Order order_of(uint32_t max_files) {
  const uint32_t code = max_files - kFirstOrder, kind = code / kNumbers;
  return {code % kNumbers, kind / 2 % static_cast<uint32_t>(std::size(kForms)), kind % 2 != 0};
}

}  // namespace cordon::escape
