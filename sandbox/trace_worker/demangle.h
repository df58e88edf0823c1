// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Names of functions as their programmers wrote them: C++ (Itanium), Rust (legacy and v0). For the
// trace worker alone: the name is a stranger's.
#pragma once

#include <cstddef>
#include <string>

namespace cordon::trace_worker {

// Longer names are not looked into.
inline constexpr size_t kMostMangled = 4096;

// `name` itself where it is none of these, or damaged.
std::string demangled(const std::string& name);

}  // namespace cordon::trace_worker
