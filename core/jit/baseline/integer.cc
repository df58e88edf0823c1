// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Integer rows of Compiler. Constants fold by the meanings of semantics.h, and move to the right if
// the order does not matter; a comparison stays in the flags if the next instruction only needs
// these.
#include <bit>

#include "core/jit/baseline/compiler.h"
#include "core/jit/baseline/operands_inl.h"
#include "core/wasm/semantics.h"

namespace cordon::jit::baseline {

using masm::Alu;
using masm::Count;
using masm::Div;
using masm::MacroAssembler;
using masm::Shift;
using masm::Test;
using wasm::Op;
namespace sem = wasm::sem;

namespace {

// Whether the instruction takes an i32 for a condition.
constexpr bool uses_flags(uint8_t opcode) {
  const wasm::OpKind kind = wasm::kByteOps[opcode].kind;
  return kind == wasm::OpKind::Condition || opcode == static_cast<uint8_t>(Op::i32_eqz);
}

// The test with its operands exchanged.
constexpr Test mirrored(Test test) {
  switch (test) {
    case Test::LtS: return Test::GtS;
    case Test::GtS: return Test::LtS;
    case Test::LeS: return Test::GeS;
    case Test::GeS: return Test::LeS;
    case Test::LtU: return Test::GtU;
    case Test::GtU: return Test::LtU;
    case Test::LeU: return Test::GeU;
    case Test::GeU: return Test::LeU;
    default: return test;
  }
}

bool is_const(const Value& value) { return value.is(Value::Kind::Const); }

template <class T>
uint64_t apply(T (*meaning)(T, T), uint64_t left, uint64_t right) {
  return meaning(static_cast<T>(left), static_cast<T>(right));
}

// Both operands are constants: the result is a constant, by the instruction's meaning.
template <auto kMeaning>
bool folds(Operands& operands, ValType type) {
  const uint32_t size = operands.size();
  if (!is_const(operands[size - 1]) || !is_const(operands[size - 2])) return false;
  const Value &right = operands.pop(), &left = operands.pop();
  operands.push_const(type, apply(kMeaning, left.bits, right.bits));
  return true;
}

// Pushes the value unshifted. Its register stays locked: the add that scales it comes at once.
void push_scaled(Operands& operands, Value& value, unsigned log2) {
  const Reg r = operands.in<Reg>(value);
  value.kind = Value::Kind::Scaled;
  value.reg = static_cast<uint8_t>(r);
  value.bits = log2;
  operands.push(value);
}

// Neither the dividend's register nor the remainder's; the scratch register if there is no other.
Reg place_divisor(Operands& operands, Value& right) {
  constexpr uint32_t kFixed = bit(masm::kDividend) | bit(masm::kRemainder);
  if (!is_const(right)) {
    const Reg r = operands.in<Reg>(right);
    if ((bit(r) & kFixed) == 0) return r;
  }
  const uint32_t free = operands.registers().of<Reg>().free() & ~kFixed;
  if (free == 0) {
    operands.put(right, masm::kScratch);
    operands.release(right);
    return masm::kScratch;
  }
  const auto to = register_at<Reg>(static_cast<unsigned>(std::countr_zero(free)));
  operands.alloc_exactly(to);
  operands.put(right, to);
  operands.release(right);
  right = held_in(right.type, to);
  return to;
}

// Locked in the dividend's register, which will be overwritten: another value in it must
// move.
void place_dividend(Operands& operands, Value& left) {
  operands.move_to(left, masm::kDividend);
  if (!left.held) return;
  operands.release(left);
  operands.alloc_exactly(masm::kDividend);
}

}  // namespace

void Compiler::finish_test(Test test) {
  if (uses_flags(position_.next_byte())) return operands_.push_test(test);
  const Reg r = operands_.result<Reg>(ValType::i32);
  masm_.set(test, r);
  operands_.push_result(ValType::i32, r);
}

void Compiler::alu(Alu op, ValType type) {
  Value &right = operands_.pop(), &left = operands_.pop();
  const bool commutes = op != Alu::Sub;
  if (is_const(left) && commutes) std::swap(left, right);
  if (op == Alu::Add && left.is(Kind::Scaled)) return add_scaled(type, right, left);
  if (op == Alu::Add && right.is(Kind::Scaled)) return add_scaled(type, left, right);
  if (left.is(Kind::Heap) && commutes) std::swap(left, right);
  const Size size = size_of<Reg>(type);
  const Reg lhs = operands_.in<Reg>(left);
  const Operand rhs = operands_.right<Reg>(right);
  if (op == Alu::And && uses_flags(position_.next_byte())) {
    masm_.test(size, lhs, rhs);
    operands_.release(left);
    operands_.release(right);
    return operands_.push_test(Test::Ne);
  }
  const bool exchangeable = commutes && rhs.is(Operand::Kind::Reg);
  const Reg dst = operands_.result<Reg>(type, &left, exchangeable ? &right : nullptr);
  masm_.alu(op, size, dst, lhs, rhs);
  operands_.release(left);
  operands_.release(right);
  operands_.push_result(type, dst);
}

void Compiler::add_scaled(ValType type, Value& base, Value& scaled) {
  const Reg lhs = operands_.in<Reg>(base);
  const Reg index = register_at<Reg>(scaled.reg);
  const unsigned log2 = scaled.log2();
  scaled.kind = Kind::Reg;  // its register may be reused
  const Reg dst = operands_.result<Reg>(type, &base, &scaled);
  masm_.add_scaled(size_of<Reg>(type), dst, lhs, index, log2);
  operands_.release(base);
  operands_.release(scaled);
  operands_.push_result(type, dst);
}

void Compiler::mul(ValType type) {
  Value &right = operands_.pop(), &left = operands_.pop();
  if (is_const(left)) std::swap(left, right);
  if (is_const(right) && std::has_single_bit(right.bits)) {
    const auto log2 = static_cast<unsigned>(std::countr_zero(right.bits));
    return shift_by_constant(Shift::Shl, type, left, log2);
  }
  const Reg lhs = operands_.in<Reg>(left);
  const Operand rhs = operands_.right<Reg>(right);
  const Reg dst = operands_.result<Reg>(type, &left, rhs.is(Operand::Kind::Reg) ? &right : nullptr);
  masm_.mul(size_of<Reg>(type), dst, lhs, rhs);
  operands_.release(left);
  operands_.release(right);
  operands_.push_result(type, dst);
}

void Compiler::shift(Shift op, ValType type) {
  Value &right = operands_.pop(), &left = operands_.pop();
  if (is_const(right)) {
    const unsigned bits = type == ValType::i32 ? 32 : 64;
    const auto count = static_cast<unsigned>(right.bits % bits);
    const auto add = static_cast<uint8_t>(type == ValType::i32 ? Op::i32_add : Op::i64_add);
    // A following add can shift by up to three bits itself.
    const bool scales = op == Shift::Shl && count != 0 && count <= 3 &&
                        position_.next_byte() == add && operands_.size() != 0;
    return scales ? push_scaled(operands_, left, count) : shift_by_constant(op, type, left, count);
  }
  if (!masm_.shift_is_flexible(op)) return shift_by_fixed_register(op, type, left, right);
  const Reg lhs = operands_.in<Reg>(left), count = operands_.in<Reg>(right);
  const Reg dst = operands_.result<Reg>(type, &left, &right);
  masm_.shift(op, size_of<Reg>(type), dst, lhs, count);
  operands_.release(left);
  operands_.release(right);
  operands_.push_result(type, dst);
}

void Compiler::shift_by_constant(Shift op, ValType type, Value& value, unsigned count) {
  const Reg lhs = operands_.in<Reg>(value);
  const Reg dst = operands_.result<Reg>(type, &value);
  masm_.shift(op, size_of<Reg>(type), dst, lhs, count);
  operands_.release(value);
  operands_.push_result(type, dst);
}

// The count has its own register, the result another.
void Compiler::shift_by_fixed_register(Shift op, ValType type, Value& left, Value& right) {
  if (left.held && left.reg == number(masm::kShiftCount)) {
    const Reg elsewhere = operands_.alloc<Reg>();
    operands_.put(left, elsewhere);
    operands_.release(left);
    left = held_in(type, elsewhere);
  }
  operands_.move_to(right, masm::kShiftCount);
  const Reg lhs = operands_.in<Reg>(left);
  const Reg dst = operands_.result<Reg>(type, &left);
  masm_.shift(op, size_of<Reg>(type), dst, lhs, masm::kShiftCount);
  operands_.release(left);
  operands_.unlock(masm::kShiftCount);
  operands_.push_result(type, dst);
}

// Unsigned, by a power of two: a shift or a mask, if the constant fits.
bool Compiler::divide_by_power(bool is_rem, Value& left, const Value& right) {
  const NarrowType type = right.type;
  const Size size = size_of<Reg>(type);
  const auto mask = static_cast<int64_t>(right.bits - 1);
  if (!std::has_single_bit(right.bits) || (is_rem && !MacroAssembler::takes(size, mask))) {
    return false;
  }
  const Reg lhs = operands_.in<Reg>(left);
  const Reg dst = operands_.result<Reg>(type, &left);
  if (is_rem) {
    masm_.alu(Alu::And, size, dst, lhs, Operand::of_constant(mask));
  } else {
    masm_.shift(Shift::ShrU, size, dst, lhs, static_cast<unsigned>(std::countr_zero(right.bits)));
  }
  operands_.release(left);
  operands_.push_result(type, dst);
  return true;
}

void Compiler::divide(Div op, ValType type) {
  Value &right = operands_.pop(), &left = operands_.pop();
  const bool is_signed = op == Div::DivS || op == Div::RemS;
  const bool is_rem = op == Div::RemS || op == Div::RemU;
  MacroAssembler::DivFacts facts;
  if (is_const(right)) {
    const uint64_t minus_one = type == ValType::i32 ? uint64_t{0xFFFF'FFFF} : ~uint64_t{0};
    facts = {.may_be_zero = right.bits == 0, .may_be_minus_one = right.bits == minus_one};
    if (!is_signed && divide_by_power(is_rem, left, right)) return;
  }
  const Reg divisor = place_divisor(operands_, right);
  place_dividend(operands_, left);
  operands_.alloc_exactly(masm::kRemainder);
  masm_.divide(op, size_of<Reg>(type), divisor, facts);
  operands_.release(right);
  operands_.unlock(is_rem ? masm::kDividend : masm::kRemainder);
  operands_.push_reg(type, is_rem ? masm::kRemainder : masm::kDividend);
}

void Compiler::count(Count op, ValType type) {
  Value& value = operands_.pop();
  const Reg src = operands_.in<Reg>(value);
  const Reg dst = operands_.result<Reg>(type, &value);
  masm_.count(op, size_of<Reg>(type), dst, src);
  operands_.release(value);
  operands_.push_result(type, dst);
}

void Compiler::compare(Test test, ValType type) {
  Value &right = operands_.pop(), &left = operands_.pop();
  if (is_const(left) || left.is(Kind::Heap)) {
    std::swap(left, right);
    test = mirrored(test);
  }
  const Reg lhs = operands_.in<Reg>(left);
  if (is_const(right) && right.bits == 0 && (test == Test::Eq || test == Test::Ne)) {
    masm_.test_zero(size_of<Reg>(type), lhs);
    operands_.release(left);
    return finish_test(test);
  }
  const Operand rhs = operands_.right<Reg>(right);
  masm_.compare(size_of<Reg>(type), lhs, rhs);
  operands_.release(left);
  operands_.release(right);
  finish_test(test);
}

void Compiler::eqz(ValType type) {
  Value& value = operands_.pop();
  if (value.is(Kind::Test)) {
    operands_.free_flags();
    return finish_test(masm::negate(value.test()));
  }
  const Reg r = operands_.in<Reg>(value);
  masm_.test_zero(size_of<Reg>(type), r);
  operands_.release(value);
  finish_test(Test::Eq);
}

void Compiler::extend(ValType type, unsigned bytes) {
  Value& value = operands_.pop();
  const Reg src = operands_.in<Reg>(value);
  const Reg dst = operands_.result<Reg>(type, &value);
  masm_.extend(size_of<Reg>(type), bytes, dst, src);
  operands_.release(value);
  operands_.push_result(type, dst);
}

// Rows

#define ROW(ident, ...) \
  void Compiler::ident(const wasm::immediate::None&) { __VA_ARGS__; }
#define FOLDING_ROW(ident, type, ...) \
  ROW(ident, if (!folds<sem::ident>(operands_, type)) __VA_ARGS__)
#define INTEGER_ROWS(prefix, kType)                          \
  FOLDING_ROW(prefix##_add, kType, alu(Alu::Add, kType))     \
  FOLDING_ROW(prefix##_sub, kType, alu(Alu::Sub, kType))     \
  FOLDING_ROW(prefix##_and, kType, alu(Alu::And, kType))     \
  FOLDING_ROW(prefix##_or, kType, alu(Alu::Or, kType))       \
  FOLDING_ROW(prefix##_xor, kType, alu(Alu::Xor, kType))     \
  FOLDING_ROW(prefix##_mul, kType, mul(kType))               \
  FOLDING_ROW(prefix##_shl, kType, shift(Shift::Shl, kType)) \
  ROW(prefix##_shr_s, shift(Shift::ShrS, kType))             \
  ROW(prefix##_shr_u, shift(Shift::ShrU, kType))             \
  ROW(prefix##_rotl, shift(Shift::Rotl, kType))              \
  ROW(prefix##_rotr, shift(Shift::Rotr, kType))              \
  ROW(prefix##_div_s, divide(Div::DivS, kType))              \
  ROW(prefix##_div_u, divide(Div::DivU, kType))              \
  ROW(prefix##_rem_s, divide(Div::RemS, kType))              \
  ROW(prefix##_rem_u, divide(Div::RemU, kType))              \
  ROW(prefix##_clz, count(Count::LeadingZeros, kType))       \
  ROW(prefix##_ctz, count(Count::TrailingZeros, kType))      \
  ROW(prefix##_popcnt, count(Count::Ones, kType))            \
  ROW(prefix##_eqz, eqz(kType))                              \
  ROW(prefix##_eq, compare(Test::Eq, kType))                 \
  ROW(prefix##_ne, compare(Test::Ne, kType))                 \
  ROW(prefix##_lt_s, compare(Test::LtS, kType))              \
  ROW(prefix##_lt_u, compare(Test::LtU, kType))              \
  ROW(prefix##_gt_s, compare(Test::GtS, kType))              \
  ROW(prefix##_gt_u, compare(Test::GtU, kType))              \
  ROW(prefix##_le_s, compare(Test::LeS, kType))              \
  ROW(prefix##_le_u, compare(Test::LeU, kType))              \
  ROW(prefix##_ge_s, compare(Test::GeS, kType))              \
  ROW(prefix##_ge_u, compare(Test::GeU, kType))              \
  ROW(prefix##_extend8_s, extend(kType, 1))                  \
  ROW(prefix##_extend16_s, extend(kType, 2))
INTEGER_ROWS(i32, ValType::i32)
INTEGER_ROWS(i64, ValType::i64)
#undef INTEGER_ROWS
#undef FOLDING_ROW
#undef ROW

void Compiler::i64_extend32_s(const wasm::immediate::None&) { extend(ValType::i64, 4); }
void Compiler::i64_extend_i32_s(const wasm::immediate::None&) {
  operands_.top().is(Kind::Const)
      ? operands_.push_const(ValType::i64,
                             sem::i64_extend_i32_s(static_cast<uint32_t>(operands_.pop().bits)))
      : extend(ValType::i64, 4);
}

// An i32 in a register has a zero upper half already.
void Compiler::i64_extend_i32_u(const wasm::immediate::None&) {
  if (operands_.top().is(Kind::Const))
    return operands_.push_const(ValType::i64, operands_.pop().bits);
  Value& value = operands_.pop();
  const Reg r =
      value.is(Kind::Local) ? operands_.result<Reg>(ValType::i64) : operands_.in<Reg>(value);
  if (value.is(Kind::Local)) {
    operands_.put(value, r);
    operands_.release(value);
    return operands_.push_result(ValType::i64, r);
  }
  value.held = false;
  operands_.push_reg(ValType::i64, r);
}

void Compiler::i32_wrap_i64(const wasm::immediate::None&) {
  if (operands_.top().is(Kind::Const)) {
    return operands_.push_const(ValType::i32, static_cast<uint32_t>(operands_.pop().bits));
  }
  Value& value = operands_.pop();
  const Reg src = operands_.in<Reg>(value);
  const Reg dst = operands_.result<Reg>(ValType::i32, &value);
  masm_.narrow(dst, src);
  operands_.release(value);
  operands_.push_result(ValType::i32, dst);
}

void Compiler::i64_const(const wasm::immediate::I64& operands) {
  operands_.push_const(ValType::i64, static_cast<uint64_t>(operands.value));
}

}  // namespace cordon::jit::baseline
