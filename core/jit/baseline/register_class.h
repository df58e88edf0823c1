// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// ClassOf<R>: the differences between the two classes of registers. R is masm::Reg (i32, i64,
// references) or masm::FReg (f32, f64, v128). Everything else about registers is a template over R
// and written once.
#pragma once

#include "core/base/inline_call.h"
#include "core/jit/masm/operand.h"
#include "core/wasm/types.h"

namespace cordon::jit::baseline {

using masm::FReg;
using masm::Reg;
using wasm::ValType;

// A value type in a byte, so that a Value fits two registers: of a reference the compiler needs
// only the kind.
class NarrowType {
 public:
  // Drops what is beyond the type's kind: whether a reference may be null, and its type index.
  constexpr NarrowType(ValType type) : kind_(wasm::kind_of(type)) {}
  // REQUIRES: the kind has a byte of its own in the binary format.
  constexpr operator ValType() const { return wasm::val_type_of(kind_); }
  constexpr uint8_t kind() const { return kind_; }
  // Compares kinds only.
  constexpr bool is(ValType type) const { return kind_ == wasm::kind_of(type); }

 private:
  uint8_t kind_;
};

constexpr bool is_vector(NarrowType type) { return type.is(ValType::v128); }
// Whether a value of the type lives in a register for floats (is_narrow(): is 32 bits wide).
constexpr bool is_float(NarrowType type) {
  return type.is(ValType::f32) || type.is(ValType::f64) || is_vector(type);
}
constexpr bool is_narrow(NarrowType type) { return type.is(ValType::i32) || type.is(ValType::f32); }

inline constexpr uint8_t kNoRegister = 0xFF;

template <class R>
struct ClassOf;

template <>
struct ClassOf<Reg> {
  static constexpr bool kFloats = false;
  static constexpr size_t kCount = abi::kRegisterCount;
  static constexpr uint32_t kTemps = masm::kTemps;
  static constexpr const auto& kPinnable = masm::kPinnable;
  static constexpr Reg kScratch = masm::kScratch, kResult = masm::kResult;
  static constexpr masm::Size kWhole = masm::Size::S64;
  // i64 and references are 64 bits.
  static constexpr masm::Size size_of(NarrowType type) {
    return type.is(ValType::i32) ? masm::Size::S32 : masm::Size::S64;
  }
};

template <>
struct ClassOf<FReg> {
  static constexpr bool kFloats = true;
  static constexpr size_t kCount = abi::kFloatRegisterCount;
  static constexpr uint32_t kTemps = masm::kFTemps;
  static constexpr const auto& kPinnable = masm::kFPinnable;
  static constexpr FReg kScratch = masm::kFScratch, kResult = masm::kFResult;
  static constexpr masm::FSize kWhole = masm::FSize::V128;
  static constexpr masm::FSize size_of(NarrowType type) {
    if (is_vector(type)) return masm::FSize::V128;
    return type.is(ValType::f32) ? masm::FSize::F32 : masm::FSize::F64;
  }
};

// The width of an instruction on a value of this type.
template <class R>
constexpr auto size_of(NarrowType type) {
  return ClassOf<R>::size_of(type);
}

// REQUIRES: a number below ClassOf<R>::kCount.
template <class R>
constexpr R register_at(unsigned number) {
  return static_cast<R>(number);
}

// Calls do_it.operator()<R>() with the class of values of this type.
template <class F>
CORDON_INLINE constexpr decltype(auto) with_class(NarrowType type, F do_it) {
  return is_float(type) ? do_it.template operator()<FReg>() : do_it.template operator()<Reg>();
}

}  // namespace cordon::jit::baseline
