// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/outlive.h"

#include <mutex>
#include <utility>
#include <vector>

namespace cordon::supervisor {

void keep_for_clone(Mapping memory) {
  static std::mutex lock;
  static auto* const kept =
      new std::vector<Mapping>;  // never destroyed: the clone may run till then
  const std::lock_guard guard(lock);
  kept->push_back(std::move(memory));
}

}  // namespace cordon::supervisor
