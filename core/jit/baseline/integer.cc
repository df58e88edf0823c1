// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Integer rows of FuncCompiler. Constants fold by the meanings of semantics.h, and move to the
// right where the order does not matter; a comparison stays in the flags if the next instruction
// asks for no more.
#include <bit>

#include "core/jit/baseline/func_compiler_inl.h"
#include "core/wasm/semantics.h"

namespace cordon::jit {

using masm::Alu;
using masm::Count;
using masm::Div;
using masm::MacroAssembler;
using masm::reg;
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

// As the operands change places.
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

}  // namespace

// Both operands are constants: they are replaced by what `fold` makes of them.
template <class Fold>
bool FuncCompiler::folds(ValType type, Fold fold) {
  const size_t size = stack_.size();
  if (!is_const(stack_[size - 1]) || !is_const(stack_[size - 2])) return false;
  const Value &right = pop(), &left = pop();
  push_const(type, fold(left.bits, right.bits));
  return true;
}

void FuncCompiler::finish_test(Test test) {
  if (uses_flags(next_byte())) return push_test(test);
  const Reg r = result_reg(ValType::i32, nullptr);
  masm_.set(test, r);
  push_result(ValType::i32, r);
}

void FuncCompiler::alu(Alu op, ValType type) {
  Value &right = pop(), &left = pop();
  if (is_const(left) && op != Alu::Sub) std::swap(left, right);
  const Size size = size_of(type);
  if (op == Alu::Add && (left.is(Kind::Scaled) || right.is(Kind::Scaled))) {
    if (left.is(Kind::Scaled)) std::swap(left, right);
    const Reg base = in_reg(left);
    const unsigned log2 = right.log2();
    const Reg index = reg(right.reg);
    Value spare = right;
    spare.kind = Kind::Reg;
    right.held = false;
    const Reg dst = result_reg(type, &left, &spare);
    masm_.add_scaled(size, dst, base, index, log2);
    release(left);
    release(spare);
    return push_result(type, dst);
  }
  if (left.is(Kind::Heap) && op != Alu::Sub) std::swap(left, right);
  const Reg lhs = in_reg(left);
  const Operand rhs = operand(right);
  if (op == Alu::And && uses_flags(next_byte())) {
    masm_.test(size, lhs, rhs);
    release(left);
    release(right);
    return push_test(Test::Ne);
  }
  const bool exchangeable = op != Alu::Sub && rhs.is(Operand::Kind::Reg);
  const Reg dst = result_reg(type, &left, exchangeable ? &right : nullptr);
  masm_.alu(op, size, dst, lhs, rhs);
  release(left);
  release(right);
  push_result(type, dst);
}

void FuncCompiler::mul(ValType type) {
  Value &right = pop(), &left = pop();
  if (is_const(left)) std::swap(left, right);
  const Reg lhs = in_reg(left);
  const uint64_t factor = right.bits;
  if (is_const(right) && std::has_single_bit(factor)) {
    const Reg dst = result_reg(type, &left);
    masm_.shift(Shift::Shl, size_of(type), dst, lhs,
                static_cast<unsigned>(std::countr_zero(factor)));
    release(left);
    return push_result(type, dst);
  }
  const Operand rhs = operand(right);
  const Reg dst = result_reg(type, &left, rhs.is(Operand::Kind::Reg) ? &right : nullptr);
  masm_.mul(size_of(type), dst, lhs, rhs);
  release(left);
  release(right);
  push_result(type, dst);
}

void FuncCompiler::shift(Shift op, ValType type) {
  Value &right = pop(), &left = pop();
  const Size size = size_of(type);
  const unsigned bits = type == ValType::i32 ? 32 : 64;
  if (is_const(right)) {
    const auto count = static_cast<unsigned>(right.bits % bits);
    const uint8_t add = static_cast<uint8_t>(type == ValType::i32 ? Op::i32_add : Op::i64_add);
    // An add that follows takes up to three bits along.
    if (op == Shift::Shl && count != 0 && count <= 3 && next_byte() == add && !stack_.empty()) {
      const Reg r = in_reg(left);
      left.kind = Kind::Scaled;
      left.reg = static_cast<uint8_t>(r);
      left.bits = count;
      return push(left);  // stays locked: the add comes at once
    }
    const Reg lhs = in_reg(left);
    const Reg dst = result_reg(type, &left);
    masm_.shift(op, size, dst, lhs, count);
    release(left);
    return push_result(type, dst);
  }
  if (masm_.shift_is_flexible(op)) {
    const Reg lhs = in_reg(left), count = in_reg(right);
    const Reg dst = result_reg(type, &left, &right);
    masm_.shift(op, size, dst, lhs, count);
    release(left);
    release(right);
    return push_result(type, dst);
  }
  // The count has its own register, the result another.
  if (left.held && left.reg == number(masm::kShiftCount)) {
    const Reg elsewhere = alloc();
    to_reg(left, elsewhere);
    release(left);
    forget_cache(elsewhere);
    left = {.kind = Kind::Reg, .type = type, .reg = static_cast<uint8_t>(elsewhere), .held = true};
  }
  const bool there = right.held && right.reg == number(masm::kShiftCount);
  const Reg count = there ? masm::kShiftCount : alloc_exactly(masm::kShiftCount);
  to_reg(right, count);
  if (!there) release(right);
  const Reg lhs = in_reg(left);
  const Reg dst = result_reg(type, &left);
  masm_.shift(op, size, dst, lhs, count);
  release(left);
  unlock(count);
  push_result(type, dst);
}

// Unsigned, by a power of two: a shift or a mask, if that fits.
bool FuncCompiler::divide_by_power(bool is_rem, Value& left, const Value& right) {
  const ValType type = right.type;
  const Size size = size_of(type);
  const auto mask = static_cast<int64_t>(right.bits - 1);
  if (!std::has_single_bit(right.bits) || (is_rem && !MacroAssembler::takes(size, mask)))
    return false;
  const Reg lhs = in_reg(left);
  const Reg dst = result_reg(type, &left);
  if (is_rem) {
    masm_.alu(Alu::And, size, dst, lhs, Operand::of_constant(mask));
  } else {
    masm_.shift(Shift::ShrU, size, dst, lhs, static_cast<unsigned>(std::countr_zero(right.bits)));
  }
  release(left);
  push_result(type, dst);
  return true;
}

// Neither the dividend's register nor the remainder's; the scratch register if there is no other.
FuncCompiler::Reg FuncCompiler::place_divisor(Value& right) {
  constexpr uint32_t kFixed = bit(masm::kDividend) | bit(masm::kRemainder);
  if (!is_const(right)) {
    const Reg r = in_reg(right);
    if ((bit(r) & kFixed) == 0) return r;
  }
  const uint32_t free = temps_ & ~(owned_ | locked_ | kFixed);
  const Reg to =
      free != 0 ? alloc_exactly(reg(static_cast<uint8_t>(std::countr_zero(free)))) : masm::kScratch;
  to_reg(right, to);
  release(right);
  right = {.kind = Kind::Reg,
           .type = right.type,
           .reg = static_cast<uint8_t>(to),
           .held = to != masm::kScratch};
  return to;
}

// Locked in the dividend's register, which is going to be lost.
void FuncCompiler::place_dividend(Value& left) {
  const bool in_place = left.held && left.reg == number(masm::kDividend);
  const bool ours = in_place && !left.is(Kind::Local) && locks_[left.reg] == 1;
  if (!in_place) alloc_exactly(masm::kDividend);
  to_reg(left, masm::kDividend);
  if (in_place && !ours) {
    // Remembered there, or another entry's.
    release(left);
    alloc_exactly(masm::kDividend);
  } else if (!in_place) {
    release(left);
  }
  forget_cache(masm::kDividend);
}

void FuncCompiler::divide(Div op, ValType type) {
  Value &right = pop(), &left = pop();
  const bool is_signed = op == Div::DivS || op == Div::RemS;
  const bool is_rem = op == Div::RemS || op == Div::RemU;
  MacroAssembler::DivFacts facts;
  if (is_const(right)) {
    const uint64_t minus_one = type == ValType::i32 ? uint64_t{0xFFFF'FFFF} : ~uint64_t{0};
    facts = {.may_be_zero = right.bits == 0, .may_be_minus_one = right.bits == minus_one};
    if (!is_signed && divide_by_power(is_rem, left, right)) return;
  }
  const Reg divisor = place_divisor(right);
  place_dividend(left);
  alloc_exactly(masm::kRemainder);
  masm_.divide(op, size_of(type), divisor, facts);
  release(right);
  unlock(is_rem ? masm::kDividend : masm::kRemainder);
  push_reg(type, is_rem ? masm::kRemainder : masm::kDividend);
}

void FuncCompiler::count(Count op, ValType type) {
  Value& value = pop();
  const Reg src = in_reg(value);
  const Reg dst = result_reg(type, &value);
  masm_.count(op, size_of(type), dst, src);
  release(value);
  push_result(type, dst);
}

void FuncCompiler::compare(Test test, ValType type) {
  Value &right = pop(), &left = pop();
  if (is_const(left) || left.is(Kind::Heap)) {
    std::swap(left, right);
    test = mirrored(test);
  }
  const Reg lhs = in_reg(left);
  if (is_const(right) && right.bits == 0 && (test == Test::Eq || test == Test::Ne)) {
    masm_.test_zero(size_of(type), lhs);
    release(left);
    return finish_test(test);
  }
  const Operand rhs = operand(right);
  masm_.compare(size_of(type), lhs, rhs);
  release(left);
  release(right);
  finish_test(test);
}

void FuncCompiler::eqz(ValType type) {
  Value& value = pop();
  if (value.is(Kind::Test)) {
    flags_busy_ = false;
    return finish_test(masm::negate(value.test()));
  }
  const Reg r = in_reg(value);
  masm_.test_zero(size_of(type), r);
  release(value);
  finish_test(Test::Eq);
}

void FuncCompiler::extend(ValType type, unsigned bytes) {
  Value& value = pop();
  const Reg src = in_reg(value);
  const Reg dst = result_reg(type, &value);
  masm_.extend(size_of(type), bytes, dst, src);
  release(value);
  push_result(type, dst);
}

// Rows

#define FOLD2(row, type)                                                                  \
  if (folds(type, [](uint64_t a, uint64_t b) -> uint64_t {                                \
        using T = std::conditional_t<type == ValType::i32 || !kWide, uint32_t, uint64_t>; \
        return sem::row(static_cast<T>(a), static_cast<T>(b));                            \
      }))                                                                                 \
  return

#define INTEGER_ROWS(prefix, kType, kIsWide)                                                      \
  void FuncCompiler::prefix##_add(const wasm::immediate::None&) {                                 \
    constexpr bool kWide = kIsWide;                                                               \
    FOLD2(prefix##_add, kType);                                                                   \
    alu(Alu::Add, kType);                                                                         \
  }                                                                                               \
  void FuncCompiler::prefix##_sub(const wasm::immediate::None&) {                                 \
    constexpr bool kWide = kIsWide;                                                               \
    FOLD2(prefix##_sub, kType);                                                                   \
    alu(Alu::Sub, kType);                                                                         \
  }                                                                                               \
  void FuncCompiler::prefix##_and(const wasm::immediate::None&) {                                 \
    constexpr bool kWide = kIsWide;                                                               \
    FOLD2(prefix##_and, kType);                                                                   \
    alu(Alu::And, kType);                                                                         \
  }                                                                                               \
  void FuncCompiler::prefix##_or(const wasm::immediate::None&) {                                  \
    constexpr bool kWide = kIsWide;                                                               \
    FOLD2(prefix##_or, kType);                                                                    \
    alu(Alu::Or, kType);                                                                          \
  }                                                                                               \
  void FuncCompiler::prefix##_xor(const wasm::immediate::None&) {                                 \
    constexpr bool kWide = kIsWide;                                                               \
    FOLD2(prefix##_xor, kType);                                                                   \
    alu(Alu::Xor, kType);                                                                         \
  }                                                                                               \
  void FuncCompiler::prefix##_mul(const wasm::immediate::None&) {                                 \
    constexpr bool kWide = kIsWide;                                                               \
    FOLD2(prefix##_mul, kType);                                                                   \
    mul(kType);                                                                                   \
  }                                                                                               \
  void FuncCompiler::prefix##_shl(const wasm::immediate::None&) {                                 \
    constexpr bool kWide = kIsWide;                                                               \
    FOLD2(prefix##_shl, kType);                                                                   \
    shift(Shift::Shl, kType);                                                                     \
  }                                                                                               \
  void FuncCompiler::prefix##_shr_s(const wasm::immediate::None&) { shift(Shift::ShrS, kType); }  \
  void FuncCompiler::prefix##_shr_u(const wasm::immediate::None&) { shift(Shift::ShrU, kType); }  \
  void FuncCompiler::prefix##_rotl(const wasm::immediate::None&) { shift(Shift::Rotl, kType); }   \
  void FuncCompiler::prefix##_rotr(const wasm::immediate::None&) { shift(Shift::Rotr, kType); }   \
  void FuncCompiler::prefix##_div_s(const wasm::immediate::None&) { divide(Div::DivS, kType); }   \
  void FuncCompiler::prefix##_div_u(const wasm::immediate::None&) { divide(Div::DivU, kType); }   \
  void FuncCompiler::prefix##_rem_s(const wasm::immediate::None&) { divide(Div::RemS, kType); }   \
  void FuncCompiler::prefix##_rem_u(const wasm::immediate::None&) { divide(Div::RemU, kType); }   \
  void FuncCompiler::prefix##_clz(const wasm::immediate::None&) {                                 \
    count(Count::LeadingZeros, kType);                                                            \
  }                                                                                               \
  void FuncCompiler::prefix##_ctz(const wasm::immediate::None&) {                                 \
    count(Count::TrailingZeros, kType);                                                           \
  }                                                                                               \
  void FuncCompiler::prefix##_popcnt(const wasm::immediate::None&) { count(Count::Ones, kType); } \
  void FuncCompiler::prefix##_eqz(const wasm::immediate::None&) { eqz(kType); }                   \
  void FuncCompiler::prefix##_eq(const wasm::immediate::None&) { compare(Test::Eq, kType); }      \
  void FuncCompiler::prefix##_ne(const wasm::immediate::None&) { compare(Test::Ne, kType); }      \
  void FuncCompiler::prefix##_lt_s(const wasm::immediate::None&) { compare(Test::LtS, kType); }   \
  void FuncCompiler::prefix##_lt_u(const wasm::immediate::None&) { compare(Test::LtU, kType); }   \
  void FuncCompiler::prefix##_gt_s(const wasm::immediate::None&) { compare(Test::GtS, kType); }   \
  void FuncCompiler::prefix##_gt_u(const wasm::immediate::None&) { compare(Test::GtU, kType); }   \
  void FuncCompiler::prefix##_le_s(const wasm::immediate::None&) { compare(Test::LeS, kType); }   \
  void FuncCompiler::prefix##_le_u(const wasm::immediate::None&) { compare(Test::LeU, kType); }   \
  void FuncCompiler::prefix##_ge_s(const wasm::immediate::None&) { compare(Test::GeS, kType); }   \
  void FuncCompiler::prefix##_ge_u(const wasm::immediate::None&) { compare(Test::GeU, kType); }   \
  void FuncCompiler::prefix##_extend8_s(const wasm::immediate::None&) { extend(kType, 1); }       \
  void FuncCompiler::prefix##_extend16_s(const wasm::immediate::None&) { extend(kType, 2); }
INTEGER_ROWS(i32, ValType::i32, false)
INTEGER_ROWS(i64, ValType::i64, true)
#undef INTEGER_ROWS
#undef FOLD2

void FuncCompiler::i64_extend32_s(const wasm::immediate::None&) { extend(ValType::i64, 4); }
void FuncCompiler::i64_extend_i32_s(const wasm::immediate::None&) {
  stack_.back().is(Kind::Const)
      ? push_const(ValType::i64, sem::i64_extend_i32_s(static_cast<uint32_t>(pop().bits)))
      : extend(ValType::i64, 4);
}

// An i32 in a register has a zero upper half already.
void FuncCompiler::i64_extend_i32_u(const wasm::immediate::None&) {
  if (stack_.back().is(Kind::Const)) return push_const(ValType::i64, pop().bits);
  Value& value = pop();
  const Reg r = value.is(Kind::Local) ? result_reg(ValType::i64, nullptr) : in_reg(value);
  if (value.is(Kind::Local)) {
    to_reg(value, r);
    release(value);
    return push_result(ValType::i64, r);
  }
  value.held = false;
  push_reg(ValType::i64, r);
}

void FuncCompiler::i32_wrap_i64(const wasm::immediate::None&) {
  if (stack_.back().is(Kind::Const)) {
    return push_const(ValType::i32, static_cast<uint32_t>(pop().bits));
  }
  Value& value = pop();
  const Reg src = in_reg(value);
  const Reg dst = result_reg(ValType::i32, &value);
  masm_.narrow(dst, src);
  release(value);
  push_result(ValType::i32, dst);
}

void FuncCompiler::i64_const(const wasm::immediate::I64& operands) {
  push_const(ValType::i64, static_cast<uint64_t>(operands.value));
}

void FuncCompiler::ref_null(const wasm::immediate::RefType& operands) {
  push_const(operands.type, 0);
}
void FuncCompiler::ref_is_null(const wasm::immediate::None&) { eqz(ValType::funcref); }

}  // namespace cordon::jit
