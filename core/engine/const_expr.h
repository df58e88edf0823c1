// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Evaluates constant expressions (spec §3.3.10, and the extended ones) over the module's bytes, for
// instantiation. They are validated, so evaluation cannot fail: there is no trap and no fuel, and
// their length is bounded by wasm::kMaxConstExprSize.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/runtime/instance.h"
#include "core/wasm/module.h"

namespace cordon::engine {

// Used for one instance while that is made; the instance outlives this.
class ConstEvaluator {
 public:
  // REQUIRES: `instance` has its functions, and each global before an expression reads it.
  explicit ConstEvaluator(const runtime::Instance& instance) : instance_(instance) {}

  // The value as a slot; and a value of any type as its slots, valid until the next call.
  uint64_t evaluate(wasm::ConstExpr expr) { return slots(expr).front(); }
  std::span<const uint64_t> slots(wasm::ConstExpr expr);

 private:
  const runtime::Instance& instance_;
  std::vector<uint64_t> stack_;  // slots; kept for its capacity
};

}  // namespace cordon::engine
