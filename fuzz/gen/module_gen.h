// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The generator: a valid module, whose calls all end, from any bytes. Called by the fuzz targets,
// the campaign runner, the reducer and tests. The same bytes give the same module.
//
// Every own function that other engines can call is exported (plan.h); so are the globals, tables
// and memory that calls may change. How the oracle runs it (fuel) is in a custom section, so that a
// module file is complete.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/bytes.h"
#include "fuzz/gen/plan.h"

namespace cordon::fuzz {

std::vector<uint8_t> generate(ByteSpan bytes, Families families = kCompared);

// `size` bytes for the generator that depend on `seed` alone.
std::vector<uint8_t> bytes_of_seed(uint64_t seed);

}  // namespace cordon::fuzz
