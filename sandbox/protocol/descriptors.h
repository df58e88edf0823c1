// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The descriptors that a worker can request, expanded from descriptors.def.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace cordon::protocol {

// One enumerator for each row of descriptors.def.
enum class Descriptor : uint8_t {
#define DESCRIPTOR(name, phase, what) name,
#include "sandbox/protocol/descriptors.def"
};

// `name` is the identifier, `what` is for messages to people. Static storage.
struct DescriptorRow {
  std::string_view name;
  bool in_set_up;  // otherwise after the guest filter
  std::string_view what;
};

namespace detail {
inline constexpr bool SetUp = true, Guest = false;
}  // namespace detail

inline constexpr std::array kDescriptors = {
#define DESCRIPTOR(name, phase, what) DescriptorRow{#name, detail::phase, what},
#include "sandbox/protocol/descriptors.def"
};

}  // namespace cordon::protocol
