// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Value: an entry of the abstract operand stack: where the value is, or how to compute
// it. Test, Scaled, Heap and Landed are made only if the next instruction consumes
// them.
#pragma once

#include <cstdint>

#include "core/jit/baseline/register_class.h"

namespace cordon::jit::baseline {

// Trivially copyable; 16 bytes, so that it is passed in two registers.
struct Value {
  // Where the value is. Which fields have a meaning depends on it.
  enum class Kind : uint8_t {
    Const,   // `bits`; i32 and f32 zero-extended, of v128 its number (masm/vectors.h)
    Reg,     // in the temporary `reg`, which this entry owns; floats too
    Local,   // the present value of local `index`
    Slot,    // in the slot of entry `index` in the frame
    Test,    // i32: the flags by test()
    Scaled,  // i32 or i64: temporary or pinned `reg`, shifted left by log2()
    Heap,    // at memory base + `reg` + `index`, a displacement: to be loaded by the consumer, for
             // the instruction at `bits` of the module
    Landed,  // already in the register of the pinned local `index`, which the next instruction sets
  };
  Kind kind = Kind::Const;
  NarrowType type = ValType::i32;
  uint8_t reg = kNoRegister;
  bool held = false;  // popped, and `reg` is a temporary that is locked for it
  uint32_t index = 0;
  uint64_t bits = 0;

  // test() is for Kind::Test, log2() for Kind::Scaled (0 to 63).
  bool is(Kind k) const { return kind == k; }
  masm::Test test() const { return static_cast<masm::Test>(bits); }
  unsigned log2() const { return static_cast<unsigned>(bits); }
  // Whether `reg` is of class R; the index of a memory operand is an integer whatever is loaded.
  template <class R>
  bool has_reg_of() const {
    return (is_float(type) && !is(Kind::Heap)) == ClassOf<R>::kFloats;
  }
};
static_assert(sizeof(Value) == 16, "two registers");

// A popped value in the temporary `r`, which is locked for it.
template <class R>
constexpr Value held_in(NarrowType type, R r) {
  return {.kind = Value::Kind::Reg, .type = type, .reg = static_cast<uint8_t>(r), .held = true};
}

// The bits of a Const as an instruction takes them: a value of 32 bits is sign-extended.
constexpr int64_t as_immediate(const Value& value) {
  return is_narrow(value.type) ? static_cast<int32_t>(static_cast<uint32_t>(value.bits))
                               : static_cast<int64_t>(value.bits);
}

}  // namespace cordon::jit::baseline
