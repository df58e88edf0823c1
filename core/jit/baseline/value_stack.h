// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// ValueStack: as many values as validation lets a function have, so that a push checks nothing. The
// memory is reserved once a thread and touched as far as it is needed.
#pragma once

#include <cstdlib>
#include <memory>

#include "core/base/check.h"
#include "core/jit/baseline/value.h"
#include "core/wasm/limits.h"

namespace cordon::jit {

class ValueStack {
 public:
  ValueStack() : values_(static_cast<Value*>(std::malloc(sizeof(Value) * kCapacity))) {
    CHECK(values_ != nullptr);
  }

  uint32_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  Value& operator[](size_t index) { return values_.get()[index]; }
  Value& back() { return values_.get()[size_ - 1]; }
  void push_back(const Value& value) { std::construct_at(values_.get() + size_++, value); }
  void pop_back() { --size_; }
  void clear() { size_ = 0; }

 private:
  // One instruction's results may be on it before validation's limit counts (operand_types.h).
  static constexpr size_t kCapacity = wasm::kMaxOperands + wasm::kMaxResults;
  struct Free {
    void operator()(Value* values) const { std::free(values); }
  };
  std::unique_ptr<Value, Free> values_;
  uint32_t size_ = 0;
};

}  // namespace cordon::jit
