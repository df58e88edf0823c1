// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Machine: the processors that code can be for, and the one for which this program makes, verifies
// and runs code: its own, chosen at build time. Each machine's part is in a folder of its name; a
// header beside such folders selects one (registers.h, target.h), and CMake builds the sources of
// one (cmake/layers.cmake).
#pragma once

#include <cstdint>

namespace cordon::abi {

// The numbers are written in the header of a blob.
enum class Machine : uint16_t { x64 = 1, arm64 = 2 };

#if defined(__x86_64__)
#define CORDON_MACHINE_X64 1
inline constexpr Machine kMachine = Machine::x64;
#elif defined(__aarch64__)
#define CORDON_MACHINE_ARM64 1
inline constexpr Machine kMachine = Machine::arm64;
#else
#error "no machine that Cordon knows (core/abi/machine.h)"
#endif

}  // namespace cordon::abi
