// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Properties of file systems by their type, from file_systems.def. The path broker checks for
// everything that it opens whether its file system is never served to a guest ([F1]), and the
// supervisor for every directory that it is to grant.
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

// Whether close(2) of a file on a file system of this type never blocks.
constexpr bool closes_at_once(uint64_t f_type) {
#define LOCAL_FILES(name, number) \
  if (f_type == number) return true;
#include "sandbox/policy/file_systems.def"
  return false;
}

}  // namespace cordon::policy
