// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// observe: runs one module on one engine and records what can be observed. The plan of calls
// depends on the module alone: instantiation, then each exported function twice, in order, with
// arguments made from their position; a trap ends its call, not the run. Called by the fuzz
// targets, the campaign runner, the reducer and the tests over tests/regress.
#pragma once

#include "core/base/bytes.h"
#include "core/engine/config.h"
#include "fuzz/oracle/observation.h"

namespace cordon::fuzz {

// How tight the limits are.
enum class Bounds : uint8_t {
  Near,  // the module's fuel (run_options.h), few pages and elements more than it declares
  // No fuel, and the largest permitted sizes, for engines that have limits of their own; imports
  // may be strange.
  Far,
};

Observation observe(engine::Engine engine, ByteSpan module, Bounds bounds = Bounds::Near);

}  // namespace cordon::fuzz
