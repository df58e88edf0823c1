// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Fault: why a pure instruction has no result (spec §4.3). semantics.h gives it; abi/traps.h maps
// it to the trap of the same name.
#pragma once

#include <cstdint>

namespace cordon::wasm::sem {

// `none` is success; the others are named like the traps of core/abi/traps.def that they become.
enum class Fault : uint8_t {
  none,
  integer_divide_by_zero,
  integer_overflow,
  invalid_conversion_to_integer,
};

// The result of a partial instruction: `value` is meaningful only without a fault.
template <class T>
struct Checked {
  T value{};
  Fault fault = Fault::none;
};

}  // namespace cordon::wasm::sem
