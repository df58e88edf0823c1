// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Value: an entry of the abstract operand stack: not the value but where it is, or what it would
// take to have it. Test, Scaled, Heap and Landed are made only where the next instruction consumes
// them.
#pragma once

#include <cstdint>

#include "core/jit/masm/operand.h"
#include "core/wasm/types.h"

namespace cordon::jit {

using wasm::ValType;

// A value type in a byte, so that a Value is two registers: of a reference the compiler need not
// know more than its kind.
class NarrowType {
 public:
  constexpr NarrowType(ValType type) : kind_(wasm::kind_of(type)) {}
  constexpr operator ValType() const { return wasm::val_type_of(kind_); }
  constexpr uint8_t kind() const { return kind_; }

 private:
  uint8_t kind_;
};

struct Value {
  enum class Kind : uint8_t {
    Const,   // `bits`; i32 and f32 zero-extended
    Reg,     // in the temporary `reg`, which this entry owns; floats too
    Local,   // the present value of local `index`
    Slot,    // in the entry's own slot of the frame
    Test,    // i32: what the flags say of test()
    Scaled,  // i32 or i64: temporary or pinned `reg`, shifted left by log2()
    Heap,  // at memory base + `reg` + `index`; to be loaded by the consumer, for the instruction at
           // `bits`
    Landed,  // already in the register of the pinned local `index`, which the next instruction sets
  };
  Kind kind = Kind::Const;
  NarrowType type = ValType::i32;
  uint8_t reg = 0xFF;
  bool held = false;  // popped, and `reg` is a temporary that is locked for it
  uint32_t index = 0;
  uint64_t bits = 0;

  bool is(Kind k) const { return kind == k; }
  masm::Test test() const { return static_cast<masm::Test>(bits); }
  unsigned log2() const { return static_cast<unsigned>(bits); }
};
static_assert(sizeof(Value) == 16, "two registers");

constexpr bool is_float(ValType type) { return type == ValType::f32 || type == ValType::f64; }
// i64 and references are 64 bits.
constexpr masm::Size size_of(ValType type) {
  return type == ValType::i32 ? masm::Size::S32 : masm::Size::S64;
}
constexpr masm::FSize fsize_of(ValType type) {
  return type == ValType::f32 ? masm::FSize::F32 : masm::FSize::F64;
}

}  // namespace cordon::jit
