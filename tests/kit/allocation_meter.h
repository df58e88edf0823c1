// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// AllocationMeter: how much memory from operator new was in use at once since it was made, on all
// threads. For tests that hostile sizes allocate nothing ([L1]). Using it replaces operator new and
// delete in the test program.
#pragma once

#include <cstddef>

namespace cordon::testing {

class AllocationMeter {
 public:
  AllocationMeter();
  // The most bytes in use at once, above what was in use when this was made.
  size_t peak() const;

 private:
  size_t start_;
};

}  // namespace cordon::testing
