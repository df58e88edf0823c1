// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Vector rows of Compiler that move: constants, lanes, and linear memory.
#include <array>

#include "core/jit/baseline/address_inl.h"
#include "core/jit/masm/heap_inl.h"
#include "core/wasm/v128.h"

namespace cordon::jit::baseline {

using masm::FSize;
using masm::HeapAddress;
using masm::Lane;
using masm::VectorBinary;

namespace {

constexpr uint32_t kRows = 0x200;

constexpr unsigned bytes_of(Lane lane) { return 1u << static_cast<unsigned>(lane); }
constexpr unsigned bytes_of(FSize size) { return size == FSize::F32 ? 4 : 8; }

// By the number after the prefix: whether the right operand may be a memory operand.
constexpr auto kTakesVector = [] {
  std::array<bool, kRows> takes{};
#define VECTOR_BINARY(row) \
  takes[wasm::number_of(wasm::Op::row)] = order_of(VectorBinary::row) == masm::OperandOrder::Same;
#include "core/jit/masm/vector_binary.def"
  return takes;
}();

}  // namespace

// Constants and lanes

void Compiler::v128_const(const wasm::immediate::V128& operands) {
  operands_.push_const(ValType::v128, vectors_.constant(wasm::lanes_of<uint8_t>(operands.value)));
}

template <class Width>
void Compiler::vector_splat(Width width) {
  using R = std::conditional_t<std::is_same_v<Width, Lane>, Reg, FReg>;
  Value& value = operands_.pop();
  if (value.is(Kind::Const)) {
    const uint64_t constant = vectors_.constant(masm::splatted(bytes_of(width), value.bits));
    return operands_.push_const(ValType::v128, constant);
  }
  const R src = operands_.in<R>(value);
  const FReg dst = operands_.result<FReg>(ValType::v128);
  vectors_.splat(width, dst, src);
  operands_.release(value);
  operands_.push_result(ValType::v128, dst);
}

void Compiler::extract_lane(ValType type, Lane lane, bool is_signed, unsigned index) {
  Value& value = operands_.pop();
  const FReg src = operands_.in<FReg>(value);
  const Reg dst = operands_.result<Reg>(type);
  vectors_.extract(lane, is_signed, dst, src, index);
  operands_.release(value);
  operands_.push_result(type, dst);
}

void Compiler::extract_lane(FSize size, unsigned index) {
  const ValType type = size == FSize::F32 ? ValType::f32 : ValType::f64;
  Value& value = operands_.pop();
  const FReg src = operands_.in<FReg>(value);
  const FReg dst = operands_.result<FReg>(type, &value);
  vectors_.extract(size, dst, src, index);
  operands_.release(value);
  operands_.push_result(type, dst);
}

template <class Width>
void Compiler::replace_lane(Width width, unsigned index) {
  using R = std::conditional_t<std::is_same_v<Width, Lane>, Reg, FReg>;
  Value &lane = operands_.pop(), &vector = operands_.pop();
  const R src = operands_.in<R>(lane);
  const FReg from = operands_.in<FReg>(vector);
  const FReg dst = operands_.result<FReg>(ValType::v128, &vector);
  vectors_.replace(width, dst, from, src, index);
  operands_.release(lane);
  operands_.release(vector);
  operands_.push_result(ValType::v128, dst);
}

void Compiler::swizzle() {
  Value &indices = operands_.pop(), &vector = operands_.pop();
  const FReg from = operands_.in<FReg>(vector);
  if (indices.is(Kind::Const)) {
    const FReg dst = operands_.result<FReg>(ValType::v128, &vector);
    vectors_.swizzle(dst, from, vectors_.value_of(indices.bits));
    operands_.release(vector);
    return operands_.push_result(ValType::v128, dst);
  }
  const FReg by = operands_.in<FReg>(indices);
  const FReg t = operands_.alloc<FReg>();
  const FReg dst = operands_.result<FReg>(ValType::v128, &vector);
  vectors_.swizzle(dst, from, by, t);
  operands_.release(vector);
  operands_.release(indices);
  operands_.unlock(t);
  operands_.push_result(ValType::v128, dst);
}

void Compiler::i8x16_swizzle(const wasm::immediate::None&) { swizzle(); }
void Compiler::i8x16_relaxed_swizzle(const wasm::immediate::None&) { swizzle(); }

void Compiler::i8x16_shuffle(const wasm::immediate::Shuffle& operands) {
  Value &right = operands_.pop(), &left = operands_.pop();
  const FReg rhs = operands_.in<FReg>(right);
  const FReg lhs = operands_.in<FReg>(left);
  const FReg t = operands_.alloc<FReg>();
  const FReg dst = operands_.result<FReg>(ValType::v128, &left, &right);
  vectors_.shuffle(dst, lhs, rhs, operands.lanes, t);
  operands_.release(left);
  operands_.release(right);
  operands_.unlock(t);
  operands_.push_result(ValType::v128, dst);
}

#define INTEGER_ROWS(prefix, type, L)                                              \
  void Compiler::prefix##_splat(const wasm::immediate::None&) { vector_splat(L); } \
  void Compiler::prefix##_replace_lane(const wasm::immediate::Lane& operands) {    \
    replace_lane(L, operands.lane);                                                \
  }
#define EXTRACT_ROW(ident, type, L, is_signed)                  \
  void Compiler::ident(const wasm::immediate::Lane& operands) { \
    extract_lane(ValType::type, L, is_signed, operands.lane);   \
  }
INTEGER_ROWS(i8x16, i32, Lane::I8)
INTEGER_ROWS(i16x8, i32, Lane::I16)
INTEGER_ROWS(i32x4, i32, Lane::I32)
INTEGER_ROWS(i64x2, i64, Lane::I64)
EXTRACT_ROW(i8x16_extract_lane_s, i32, Lane::I8, true)
EXTRACT_ROW(i8x16_extract_lane_u, i32, Lane::I8, false)
EXTRACT_ROW(i16x8_extract_lane_s, i32, Lane::I16, true)
EXTRACT_ROW(i16x8_extract_lane_u, i32, Lane::I16, false)
EXTRACT_ROW(i32x4_extract_lane, i32, Lane::I32, false)
EXTRACT_ROW(i64x2_extract_lane, i64, Lane::I64, false)
#undef INTEGER_ROWS
#undef EXTRACT_ROW
#define FLOAT_ROWS(prefix, S)                                                      \
  void Compiler::prefix##_splat(const wasm::immediate::None&) { vector_splat(S); } \
  void Compiler::prefix##_extract_lane(const wasm::immediate::Lane& operands) {    \
    extract_lane(S, operands.lane);                                                \
  }                                                                                \
  void Compiler::prefix##_replace_lane(const wasm::immediate::Lane& operands) {    \
    replace_lane(S, operands.lane);                                                \
  }
FLOAT_ROWS(f32x4, FSize::F32)
FLOAT_ROWS(f64x2, FSize::F64)
#undef FLOAT_ROWS

// Linear memory. load(destination, address)
template <class F>
void Compiler::vector_load(const wasm::immediate::MemArg& operands, F load) {
  Value& where = operands_.pop();
  const HeapAddress from = address(where, operands.offset);
  const FReg dst = operands_.result<FReg>(ValType::v128);
  load(dst, from);
  operands_.release(where);
  operands_.push_result(ValType::v128, dst);
}

// Deferred to its consumer's memory operand, if that follows at once, reads all of it and needs no
// alignment.
void Compiler::v128_load(const wasm::immediate::MemArg& operands) {
  const uint32_t next = position_.next_vector();
  if (!vectors_.folds() || next >= kRows || !kTakesVector[next]) {
    return vector_load(operands,
                       [&](FReg dst, HeapAddress from) { masm_.load(FSize::V128, dst, from); });
  }
  Value& where = operands_.pop();
  const HeapAddress from = address(where, operands.offset);
  if (from.index == masm::kScratch) {
    const FReg dst = operands_.result<FReg>(ValType::v128);
    masm_.load(FSize::V128, dst, from);
    operands_.release(where);
    return operands_.push_result(ValType::v128, dst);
  }
  // The index stays locked: the consumer comes at once.
  operands_.push({.kind = Kind::Heap,
                  .type = ValType::v128,
                  .reg = static_cast<uint8_t>(from.index),
                  .held = where.held,
                  .index = from.disp,
                  .bits = position_.offset()});
}

void Compiler::v128_store(const wasm::immediate::MemArg& operands) {
  Value &value = operands_.pop(), &where = operands_.pop();
  const FReg from = operands_.in<FReg>(value);
  masm_.store(FSize::V128, address(where, operands.offset), from);
  operands_.release(value);
  operands_.release(where);
}

void Compiler::load_lane(Lane lane, const wasm::immediate::MemArgLane& operands) {
  Value &vector = operands_.pop(), &where = operands_.pop();
  const FReg from = operands_.in<FReg>(vector);
  const HeapAddress at = address(where, operands.access.offset);
  const FReg dst = operands_.result<FReg>(ValType::v128, &vector);
  vectors_.load_lane(lane, dst, from, at, operands.lane);
  operands_.release(vector);
  operands_.release(where);
  operands_.push_result(ValType::v128, dst);
}

void Compiler::store_lane(Lane lane, const wasm::immediate::MemArgLane& operands) {
  Value &vector = operands_.pop(), &where = operands_.pop();
  const FReg from = operands_.in<FReg>(vector);
  vectors_.store_lane(lane, address(where, operands.access.offset), from, operands.lane);
  operands_.release(vector);
  operands_.release(where);
}

#define LOAD_ROW(ident, ...)                                                 \
  void Compiler::ident(const wasm::immediate::MemArg& operands) {            \
    vector_load(operands, [&](FReg dst, HeapAddress from) { __VA_ARGS__; }); \
  }
LOAD_ROW(v128_load8x8_s, vectors_.load_extend(Lane::I8, true, dst, from))
LOAD_ROW(v128_load8x8_u, vectors_.load_extend(Lane::I8, false, dst, from))
LOAD_ROW(v128_load16x4_s, vectors_.load_extend(Lane::I16, true, dst, from))
LOAD_ROW(v128_load16x4_u, vectors_.load_extend(Lane::I16, false, dst, from))
LOAD_ROW(v128_load32x2_s, vectors_.load_extend(Lane::I32, true, dst, from))
LOAD_ROW(v128_load32x2_u, vectors_.load_extend(Lane::I32, false, dst, from))
LOAD_ROW(v128_load8_splat, vectors_.load_splat(Lane::I8, dst, from))
LOAD_ROW(v128_load16_splat, vectors_.load_splat(Lane::I16, dst, from))
LOAD_ROW(v128_load32_splat, vectors_.load_splat(Lane::I32, dst, from))
LOAD_ROW(v128_load64_splat, vectors_.load_splat(Lane::I64, dst, from))
LOAD_ROW(v128_load32_zero, masm_.load(FSize::F32, dst, from))
LOAD_ROW(v128_load64_zero, masm_.load(FSize::F64, dst, from))
#undef LOAD_ROW

#define LANE_ROWS(bits, L)                                                              \
  void Compiler::v128_load##bits##_lane(const wasm::immediate::MemArgLane& operands) {  \
    load_lane(L, operands);                                                             \
  }                                                                                     \
  void Compiler::v128_store##bits##_lane(const wasm::immediate::MemArgLane& operands) { \
    store_lane(L, operands);                                                            \
  }
LANE_ROWS(8, Lane::I8)
LANE_ROWS(16, Lane::I16)
LANE_ROWS(32, Lane::I32)
LANE_ROWS(64, Lane::I64)
#undef LANE_ROWS

}  // namespace cordon::jit::baseline
