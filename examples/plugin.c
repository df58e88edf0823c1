// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A plugin for examples/embed.cc: no WASI, one function of the host's, two of its own.
//
//     clang-19 --target=wasm32 -O2 -nostdlib -Wl,--no-entry examples/plugin.c -o plugin.wasm
#include <stdint.h>

__attribute__((import_module("host"), import_name("log"))) void host_log(const char* text,
                                                                         uint32_t length);

/// The greatest number of steps that any start up to `limit` takes to reach 1 (Collatz).
__attribute__((export_name("longest"))) uint32_t longest(uint32_t limit) {
  static const char kStarting[] = "the plugin counts";
  host_log(kStarting, sizeof(kStarting) - 1);
  uint32_t most = 0;
  for (uint64_t start = 1; start <= limit; start++) {
    uint32_t steps = 0;
    for (uint64_t n = start; n != 1; steps++) n = n % 2 == 0 ? n / 2 : 3 * n + 1;
    if (steps > most) most = steps;
  }
  return most;
}

/// A plugin gone bad: hands the host an address outside its memory.
__attribute__((export_name("lie"))) void lie(void) { host_log((const char*)0xfffffff0u, 64); }
