// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/func_pool.h"

#include <gtest/gtest.h>

namespace cordon::runtime {
namespace {

TEST(FuncPool, KnowsItsOwnByTheirAddresses) {
  FuncPool pool, other;
  EXPECT_FALSE(pool.has(nullptr));
  std::vector<Func*> funcs;
  for (uint32_t i = 0; i < 1000; ++i) {
    funcs.push_back(&pool.add());
    funcs.back()->params = i;
    // The next place is room for a function, and none yet.
    EXPECT_FALSE(pool.has(funcs.back() + 1)) << i;
  }
  for (uint32_t i = 0; i < funcs.size(); ++i) {
    EXPECT_EQ(funcs[i]->params, i) << "it has not moved";
    EXPECT_TRUE(pool.has(funcs[i]));
    EXPECT_FALSE(other.has(funcs[i]));
    const auto number = reinterpret_cast<uintptr_t>(funcs[i]);
    for (const uintptr_t near : {number - 8, number + 1, number + sizeof(Func) / 2}) {
      EXPECT_FALSE(pool.has(reinterpret_cast<const void*>(near))) << i;
    }
  }
}

}  // namespace
}  // namespace cordon::runtime
