// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Secrets, planted right where the host gives control to a guest: in every register that is not an
// argument or a result, and on the host's stack. The linker calls the functions of plant.cc in
// place of the runtime's (CMakeLists.txt), and they call those.
#pragma once

#include <cstdint>

#include "core/runtime/host_func.h"

namespace cordon::border {

// Any number that begins like this is a secret. The last byte says where it was planted: the
// registers' numbers, and these.
inline constexpr uint64_t kCanary = 0xFEE1DEADF00DCA00;
inline constexpr uint64_t kHostStack = kCanary | 0xA0, kOfOther = kCanary | 0xA1,
                          kExternref = kCanary | 0xA2;

// How often control came to a guest past a wrapper here.
uint64_t times_planted();

// Leaves secrets on this thread's stack, below the caller's frame.
void plant_on_stack();

// A host function of [i64] -> [i64] that gives back its argument, and ends with secrets in every
// register.
extern "C" Trap cordon_test_leaky_host(void* env, runtime::HostCall& call, const uint64_t* args,
                                       uint64_t* results);

// Fills all volatile registers as the wrappers do, and returns the contents of r11 and, twice, of
// xmm15: enough to prove that something was planted.
struct Planted {
  uint64_t r11, xmm15_low, xmm15_high;
};
Planted plant_and_look();

}  // namespace cordon::border
