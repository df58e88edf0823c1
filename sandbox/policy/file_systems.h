// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What is known of file systems by their type, from file_systems.def. Which are never served to a
// guest ([F1]) is asked by the path broker for everything that it opens, and by the supervisor for
// what it is to grant.
#pragma once

#include <cstdint>
#include <string_view>

namespace cordon::policy {

// The name of the kernel interface that a file system of this type (statfs(2), f_type) is; empty if
// it is none.
constexpr std::string_view kernel_interface(uint64_t f_type) {
#define KERNEL_INTERFACE(name, number) \
  if (f_type == number) return name;
#include "sandbox/policy/file_systems.def"
  return {};
}

// Whether close(2) of a file on a file system of this type waits for nothing.
constexpr bool closes_at_once(uint64_t f_type) {
#define LOCAL_FILES(name, number) \
  if (f_type == number) return true;
#include "sandbox/policy/file_systems.def"
  return false;
}

}  // namespace cordon::policy
