// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The modules that cordon-call-figures times: one that makes calls, with a loop for each kind of
// call, and the ones that are called. Used by call_figures.cc alone.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/kit/module_builder.h"

namespace cordon::bench {

// Operations in a row in each loop, so that the loop itself costs little beside them.
inline constexpr uint32_t kUnroll = 8;

// A function type that is called in several ways; the callees and the host's functions bear `name`.
struct Signature {
  std::string name;
  std::string title;  // in the row's name
  wasm::FuncType type;
  testing::WasmBytes arguments;  // constants of the parameters' types
};
std::array<Signature, 3> signatures();

// Exports one function a signature under its name, `count` (mut i32) and `callee` (mut funcref),
// which holds the function "none". If `chained`, it imports "none" from the module "native" and
// exports "chain", which calls that.
std::vector<uint8_t> callee_module(bool chained);

// One loop of the calling module.
struct Loop {
  std::string name;  // of the row, and of the exported function (i32 count) -> ()
  testing::WasmBytes operation;
  bool calls_host = false;
};

struct CallerModule {
  std::vector<uint8_t> bytes;
  std::vector<Loop> loops;  // each runs its operation kUnroll times for each count
};

// Imports from "native" and "interpreted" what callee_module() exports (the latter chained), and
// from "host" one function a signature. Besides the loops it exports "enter 0" () -> () and
// "enter 8" (i32 x 8) -> i32, which do nothing.
CallerModule caller_module();

}  // namespace cordon::bench
