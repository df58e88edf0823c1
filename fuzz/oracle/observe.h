// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// observe: runs one module on one engine and writes down what can be seen. The plan of calls
// depends on the module alone: instantiation, then each exported function twice, in order, with
// arguments made from their place; a trap ends its call, not the run. Called by the fuzz targets,
// the campaign runner, the reducer and the tests over tests/regress.
#pragma once

#include "core/base/bytes.h"
#include "core/engine/config.h"
#include "fuzz/oracle/observation.h"

namespace cordon::fuzz {

// How far away limits are.
enum class Bounds : uint8_t {
  Near,  // fuel as the module says (run_options.h), few pages and elements more than it declares
  // No fuel, and what a module may have at most, for engines that have limits of their own; imports
  // may be strange.
  Far,
};

Observation observe(engine::Engine engine, ByteSpan module, Bounds bounds = Bounds::Near);

}  // namespace cordon::fuzz
