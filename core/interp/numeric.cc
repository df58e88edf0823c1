// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Handlers of the PURE rows: pop, sem::ident, push; and of the constants. A comparison that is
// followed by a br_if or an if decides it at once.

#include "core/interp/branch.h"
#include "core/interp/handler.h"
#include "core/wasm/semantics.h"

namespace cordon::interp {

namespace {

namespace sem = wasm::sem;
using wasm::Op;
using wasm::OpKind;

constexpr bool is_condition(OpKind kind) {
  return kind == OpKind::Comparison || kind == OpKind::ZeroTest;
}
constexpr bool has_prefix(unsigned code) { return code > 0xff; }

// Applies Meaning<...> to the top of the stack, which it pops.
template <unsigned kCached, class R, class A>
INLINE R apply(R (*meaning)(A), uint64_t*& sp, uint64_t a, uint64_t b, uint64_t c) {
  return meaning(sem::from_slot<A>(pop<kCached>(sp, a, b, c)));
}
template <unsigned kCached, class R, class A, class B>
INLINE R apply(R (*meaning)(A, B), uint64_t*& sp, uint64_t a, uint64_t b, uint64_t c) {
  const uint64_t right = pop<kCached>(sp, a, b, c);
  const uint64_t left = pop<after_pop(kCached)>(sp, a, b, c);
  return meaning(sem::from_slot<A>(left), sem::from_slot<B>(right));
}

}  // namespace

namespace on {

#define PURE(code, ident, text, sig, feature, kind, effect)                                     \
  template <unsigned kCached>                                                                   \
  HANDLER(ident) {                                                                              \
    using Meaning = sem::Meaning<decltype(&sem::ident)>;                                        \
    constexpr unsigned kRest = after(kCached, Meaning::kOperands, 0);                           \
    const auto result = apply<kCached>(&sem::ident, sp, a, b, c);                               \
    if constexpr (Meaning::kPartial) {                                                          \
      using enum sem::Fault;                                                                    \
      if (result.fault == integer_divide_by_zero) TAIL(raise<to_trap(integer_divide_by_zero)>); \
      if (result.fault == integer_overflow) TAIL(raise<to_trap(integer_overflow)>);             \
      if (result.fault == invalid_conversion_to_integer)                                        \
        TAIL(raise<to_trap(invalid_conversion_to_integer)>);                                    \
      push<kRest>(sp, a, b, c, sem::to_slot(result.value));                                     \
      /* Not NEXT, which would cost conversions a stack frame. */                               \
      DISPATCH(after_push(kRest), has_prefix(code) ? skip_leb(pc + 1) - pc : 1);                \
    } else if constexpr (is_condition(OpKind::kind)) {                                          \
      if (is(Op::br_if, pc + 1)) {                                                              \
        ++pc;                                                                                   \
        BR_IF(kRest, result != 0);                                                              \
      }                                                                                         \
      if (is(Op::if_, pc + 1)) {                                                                \
        ++pc;                                                                                   \
        IF(kRest, result != 0);                                                                 \
      }                                                                                         \
      push<kRest>(sp, a, b, c, result);                                                         \
    } else {                                                                                    \
      push<kRest>(sp, a, b, c, sem::to_slot(result));                                           \
    }                                                                                           \
    NEXT(after_push(kRest), has_prefix(code) ? skip_leb(pc + 1) - pc : 1);                      \
  }                                                                                             \
  INSTANTIATE(ident)
#include "core/wasm/opcodes.def"

// Constants

namespace {

// Two to five bytes; each length ends in its own jump. `bits` are the ones read so far.
#define I32_CONST(bits, length)                                                \
  do {                                                                         \
    constexpr unsigned kUnused = (length) < 5 ? 32 - 7 * (length) : 0;         \
    const int32_t value_ = static_cast<int32_t>((bits) << kUnused) >> kUnused; \
    push<kCached>(sp, a, b, c, static_cast<uint32_t>(value_));                 \
    NEXT(after_push(kCached), (length) + 1);                                   \
  } while (false)
template <unsigned kCached>
SLOW HANDLER(i32_const_long) {
  uint32_t bits = read_two(pc + 1);
  if (!is_long(pc[2])) I32_CONST(bits, 2);
  bits = (bits & 0x3fff) | uint32_t{pc[3]} << 14;
  if (!is_long(pc[3])) I32_CONST(bits, 3);
  bits = (bits & 0x1fffff) | uint32_t{pc[4]} << 21;
  if (!is_long(pc[4])) I32_CONST(bits, 4);
  bits = (bits & 0xfffffff) | uint32_t{pc[5]} << 28;
  I32_CONST(bits, 5);
}

template <unsigned kCached>
SLOW HANDLER(i64_const_long) {
  const uint8_t* at = pc + 1;
  uint64_t value = 0;
  unsigned shift = 0;
  for (; is_long(*at); shift += 7) value |= static_cast<uint64_t>(*at++ & 0x7f) << shift;
  value |= static_cast<uint64_t>(*at & 0x7f) << shift;
  shift += 7;
  if (shift < 64 && (*at & 0x40) != 0) value |= ~uint64_t{0} << shift;
  push<kCached>(sp, a, b, c, value);
  NEXT(after_push(kCached), at + 1 - pc);
}

}  // namespace

template <unsigned kCached>
HANDLER(i32_const) {
  const uint8_t byte = pc[1];
  if (is_long(byte)) [[unlikely]]
    TAIL(i32_const_long<kCached>);
  push<kCached>(sp, a, b, c, static_cast<uint32_t>(sign_extend7(byte)));
  NEXT(after_push(kCached), 2);
}
INSTANTIATE(i32_const)

template <unsigned kCached>
HANDLER(i64_const) {
  const uint8_t byte = pc[1];
  if (is_long(byte)) [[unlikely]]
    TAIL(i64_const_long<kCached>);
  push<kCached>(sp, a, b, c, static_cast<uint64_t>(int64_t{sign_extend7(byte)}));
  NEXT(after_push(kCached), 2);
}
INSTANTIATE(i64_const)

template <unsigned kCached>
HANDLER(f32_const) {
  push<kCached>(sp, a, b, c, read_raw<uint32_t>(pc + 1));
  NEXT(after_push(kCached), 5);
}
INSTANTIATE(f32_const)

template <unsigned kCached>
HANDLER(f64_const) {
  push<kCached>(sp, a, b, c, read_raw<uint64_t>(pc + 1));
  NEXT(after_push(kCached), 9);
}
INSTANTIATE(f64_const)

}  // namespace on

}  // namespace cordon::interp
