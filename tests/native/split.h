// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Split: an instance with native code, some of whose functions run in the interpreter nevertheless,
// where a call goes by the runtime: from interpreted code, by a table, or from outside. Direct
// calls in native code keep their targets.
#pragma once

#include <vector>

#include "core/abi/frame.h"
#include "core/runtime/instance.h"

namespace cordon::testing {

// The instance outlives it, and is at rest at each change.
class Split {
 public:
  explicit Split(runtime::Instance& instance) : instance_(instance) {
    for (const runtime::Func* func : instance.funcs) entries_.push_back(func->view.entry);
  }
  // Function `i` of those with a body is native if bit `i` of `mask` is set, from the 64th on if
  // the last one is.
  void set(uint64_t mask) {
    size_t body = 0;
    for (size_t i = 0; i < entries_.size(); ++i) {
      runtime::Func& func = *instance_.funcs[i];
      if (func.instance != &instance_ || func.is_host()) continue;
      set(func, entries_[i], (mask >> std::min<size_t>(body++, 63) & 1) != 0);
    }
  }

 private:
  void set(runtime::Func& func, const void* entry, bool native) {
    func.view.entry = native ? entry : nullptr;
    func.view.context = native ? &instance_.context->get() : nullptr;
    func.checked_bytes =
        native ? runtime::Func::kNotInterpreted
               : abi::kReturnAddress + abi::checked_frame(abi::counted_frame(*func.code));
  }

  runtime::Instance& instance_;
  std::vector<const void*> entries_;  // in the order of the index space
};

}  // namespace cordon::testing
