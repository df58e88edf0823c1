// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Names of functions as in their source: C++ (Itanium), Rust (legacy and v0). For the trace worker
// alone: the name is untrusted.
#pragma once

#include <cstddef>
#include <string>

namespace cordon::trace_worker {

// Longer names are not demangled.
inline constexpr size_t kMostMangled = 4096;

// `name` itself if it is none of these, or malformed.
std::string demangled(const std::string& name);

}  // namespace cordon::trace_worker
