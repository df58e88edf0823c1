// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// ValueStack: room for as many values as validation permits, so that a push checks nothing. The
// memory is reserved once a thread, and only the used part is touched.
#pragma once

#include <cstdlib>
#include <cstring>
#include <memory>

#include "core/base/check.h"
#include "core/jit/baseline/value.h"
#include "core/wasm/limits.h"

namespace cordon::jit::baseline {

// A reference is valid until its entry is popped.
class ValueStack {
 public:
  // Reserves room for kCapacity values. A system without memory for it ends the process.
  ValueStack() : values_(static_cast<Value*>(std::malloc(sizeof(Value) * kCapacity))) {
    CHECK(values_ != nullptr);
  }

  uint32_t size() const { return size_; }
  // Entries count from the bottom. REQUIRES of the accessors: the entry is there.
  bool empty() const { return size_ == 0; }
  Value& operator[](size_t index) { return values_.get()[index]; }
  Value& back() { return values_.get()[size_ - 1]; }
  // Two stores: a wider load would have to wait for bytes that were stored one by one.
  [[gnu::always_inline]] void push_back(const Value& value) {
    const uint64_t bits = value.bits;
    const uint64_t head = uint64_t{static_cast<uint8_t>(value.kind)} |
                          uint64_t{value.type.kind()} << 8 | uint64_t{value.reg} << 16 |
                          uint64_t{value.held} << 24 | uint64_t{value.index} << 32;
    Value* to = values_.get() + size_++;
    std::memcpy(static_cast<void*>(to), &head, sizeof head);
    std::memcpy(&to->bits, &bits, sizeof bits);
  }
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

}  // namespace cordon::jit::baseline
