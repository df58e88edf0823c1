// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// WorldTest: a test that has a World, and the words in which modules are written.
#pragma once

#include <gtest/gtest.h>

#include "tests/kit/world.h"

namespace cordon::testing {

class WorldTest : public ::testing::Test, protected World {
 protected:
  using ModuleBuilder = testing::ModuleBuilder;
  using WasmBytes = testing::WasmBytes;
  using World::World;
};

}  // namespace cordon::testing
