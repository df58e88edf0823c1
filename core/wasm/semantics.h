// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The meaning of the PURE rows of opcodes.def (spec §4.3): sem::i32_rotl is the instruction
// i32.rotl. The interpreter's handlers, constant folding and the tests' vectors all use these
// functions. i32 and i64 are unsigned here; every function is total, and a partial instruction
// returns Checked. The end of the file checks the type of each against its row.
//
// NaN (spec §4.3.3): abs, neg, copysign and reinterpret move bits; all others return a quiet NaN, a
// canonical one if all NaN operands were. No libm: rounding is written out, so that a handler needs
// no call.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>
#include <type_traits>

#include "core/wasm/fault.h"
#include "core/wasm/op.h"

namespace cordon::wasm::sem {

namespace detail {

template <class F>
struct FloatTraits;
template <>
struct FloatTraits<float> {
  using Bits = uint32_t;
  using Whole = int32_t;                    // holds every float below kWhole
  static constexpr float kWhole = 0x1p23f;  // a float of this magnitude or more has no fraction
  static constexpr Bits kSign = 0x80000000u;
  static constexpr Bits kQuiet = 0x00400000u;
};
template <>
struct FloatTraits<double> {
  using Bits = uint64_t;
  using Whole = int64_t;
  static constexpr double kWhole = 0x1p52;
  static constexpr Bits kSign = uint64_t{1} << 63;
  static constexpr Bits kQuiet = uint64_t{1} << 51;
};

template <class F>
using BitsOf = typename FloatTraits<F>::Bits;

// A float as its bits and back (spec §4.3.1). No NaN is changed.
template <class F>
constexpr BitsOf<F> bits(F value) {
  return std::bit_cast<BitsOf<F>>(value);
}
template <class F>
constexpr F of_bits(BitsOf<F> value) {
  return std::bit_cast<F>(value);
}

// is_nan(): of any kind and sign. quiet(): the NaN with its quiet bit set, payload and sign kept.
template <class F>
constexpr bool is_nan(F value) {
  return value != value;  // NOLINT(misc-redundant-expression): a NaN alone differs from itself
}
template <class F>
constexpr F quiet(F nan) {
  return of_bits<F>(bits(nan) | FloatTraits<F>::kQuiet);
}
// Spec §4.3.3, fabs, fneg and fcopysign: sign bits only, of NaNs too.
template <class F>
constexpr F abs(F value) {
  return of_bits<F>(bits(value) & static_cast<BitsOf<F>>(~FloatTraits<F>::kSign));
}
template <class F>
constexpr F neg(F value) {
  return of_bits<F>(bits(value) ^ FloatTraits<F>::kSign);
}
template <class F>
constexpr F copysign(F value, F sign) {
  return of_bits<F>(bits(abs(value)) | (bits(sign) & FloatTraits<F>::kSign));
}

// Rounding to an integer: towards zero, up, down, or to the nearest with ties to even.
enum class Rounding { Trunc, Ceil, Floor, Nearest };

// Spec §4.3.3, fceil and its kin. A value of kWhole or more is whole, infinite or NaN.
template <Rounding kRounding, class F>
constexpr F round(F value) {
  constexpr F kWhole = FloatTraits<F>::kWhole;
  const F magnitude = abs(value);
  if (!(magnitude < kWhole)) return is_nan(value) ? quiet(value) : value;
  if constexpr (kRounding == Rounding::Nearest) {
    // The sum has no room for a fraction and is rounded to even by the addition itself.
    return copysign((magnitude + kWhole) - kWhole, value);
  } else {
    using Whole = typename FloatTraits<F>::Whole;
    F whole = static_cast<F>(static_cast<Whole>(value));
    if constexpr (kRounding == Rounding::Ceil) whole = whole < value ? whole + 1 : whole;
    if constexpr (kRounding == Rounding::Floor) whole = whole > value ? whole - 1 : whole;
    return copysign(whole, value);
  }
}

// Spec §4.3.3, fsqrt; rounds to nearest, ties to even.
template <class F>
F sqrt(F value) {
#if defined(__clang__)
  return __builtin_elementwise_sqrt(value);  // never sets errno, so it is one instruction
#else
  if constexpr (std::is_same_v<F, float>) {
    return __builtin_sqrtf(value);
  } else {
    return __builtin_sqrt(value);
  }
#endif
}

// Spec fmin and fmax: a NaN wins, and -0 is below +0. Equal operands differ in their sign at most.
template <class F>
constexpr F min(F a, F b) {
  if (is_nan(a)) return quiet(a);
  if (is_nan(b)) return quiet(b);
  if (a == b) return of_bits<F>(bits(a) | bits(b));
  return a < b ? a : b;
}
template <class F>
constexpr F max(F a, F b) {
  if (is_nan(a)) return quiet(a);
  if (is_nan(b)) return quiet(b);
  if (a == b) return of_bits<F>(bits(a) & bits(b));
  return a > b ? a : b;
}

template <class I>
using SignedOf = std::make_signed_t<I>;

// A shift or rotation count: `count` modulo the width of I in bits (spec §4.3.2, ishl).
template <class I>
constexpr unsigned count_mod(I count) {
  return static_cast<unsigned>(count % (sizeof(I) * 8));
}
// Spec §4.3.2, ishr_s: an arithmetic shift by `b` modulo the width.
template <class I>
constexpr I shr_s(I a, I b) {
  return static_cast<I>(static_cast<SignedOf<I>>(a) >> count_mod(b));
}
// Division and remainder (spec §4.3.2), truncated towards zero. A fault is a zero divisor, or a
// quotient out of I's range.
template <class I>
constexpr Checked<I> div_s(I a, I b) {
  constexpr I kMin = I{1} << (sizeof(I) * 8 - 1);
  if (b == 0) return {0, Fault::integer_divide_by_zero};
  if (a == kMin && b == static_cast<I>(-1)) return {0, Fault::integer_overflow};
  return {static_cast<I>(static_cast<SignedOf<I>>(a) / static_cast<SignedOf<I>>(b))};
}
template <class I>
constexpr Checked<I> div_u(I a, I b) {
  if (b == 0) return {0, Fault::integer_divide_by_zero};
  return {static_cast<I>(a / b)};
}
template <class I>
constexpr Checked<I> rem_s(I a, I b) {
  if (b == 0) return {0, Fault::integer_divide_by_zero};
  if (b == static_cast<I>(-1)) return {0};  // the processor's own division would fault on the least
  return {static_cast<I>(static_cast<SignedOf<I>>(a) % static_cast<SignedOf<I>>(b))};
}
template <class I>
constexpr Checked<I> rem_u(I a, I b) {
  if (b == 0) return {0, Fault::integer_divide_by_zero};
  return {static_cast<I>(a % b)};
}

// Whether truncating `value` gives an integer that I (signed or not) holds. The lower bound is the
// largest float out of range: -1 for unsigned, and the least integer minus one where F has that
// number; otherwise it is the least integer itself, which fits.
template <class I, class F>
constexpr bool trunc_fits(F value) {
  constexpr int kBits = static_cast<int>(sizeof(I) * 8);
  constexpr F kHalf = static_cast<F>(uint64_t{1} << (kBits - 1));
  if constexpr (std::is_unsigned_v<I>) {
    return value > F{-1} && value < kHalf * 2;
  } else if constexpr (std::numeric_limits<F>::digits > kBits) {
    return value > -kHalf - 1 && value < kHalf;
  } else {
    return value >= -kHalf && value < kHalf;
  }
}
template <class I, class F>
constexpr Checked<std::make_unsigned_t<I>> trunc(F value) {
  if (trunc_fits<I>(value)) return {static_cast<std::make_unsigned_t<I>>(static_cast<I>(value))};
  return {0, is_nan(value) ? Fault::invalid_conversion_to_integer : Fault::integer_overflow};
}
template <class I, class F>
constexpr std::make_unsigned_t<I> trunc_sat(F value) {
  using U = std::make_unsigned_t<I>;
  if (trunc_fits<I>(value)) return static_cast<U>(static_cast<I>(value));
  if (is_nan(value)) return 0;
  return static_cast<U>(value < 0 ? std::numeric_limits<I>::min() : std::numeric_limits<I>::max());
}

// The low bits of `value`, as the signed N, extended to I.
template <class N, class I>
constexpr I extend(I value) {
  return static_cast<I>(static_cast<SignedOf<I>>(static_cast<N>(value)));
}

}  // namespace detail

// Integers (spec §4.3.2).
#define CORDON_INTEGER(prefix, I, S)                                                            \
  constexpr uint32_t prefix##_eqz(I a) { return a == 0; }                                       \
  constexpr uint32_t prefix##_eq(I a, I b) { return a == b; }                                   \
  constexpr uint32_t prefix##_ne(I a, I b) { return a != b; }                                   \
  constexpr uint32_t prefix##_lt_s(I a, I b) { return static_cast<S>(a) < static_cast<S>(b); }  \
  constexpr uint32_t prefix##_lt_u(I a, I b) { return a < b; }                                  \
  constexpr uint32_t prefix##_gt_s(I a, I b) { return static_cast<S>(a) > static_cast<S>(b); }  \
  constexpr uint32_t prefix##_gt_u(I a, I b) { return a > b; }                                  \
  constexpr uint32_t prefix##_le_s(I a, I b) { return static_cast<S>(a) <= static_cast<S>(b); } \
  constexpr uint32_t prefix##_le_u(I a, I b) { return a <= b; }                                 \
  constexpr uint32_t prefix##_ge_s(I a, I b) { return static_cast<S>(a) >= static_cast<S>(b); } \
  constexpr uint32_t prefix##_ge_u(I a, I b) { return a >= b; }                                 \
  constexpr I prefix##_clz(I a) { return static_cast<I>(std::countl_zero(a)); }                 \
  constexpr I prefix##_ctz(I a) { return static_cast<I>(std::countr_zero(a)); }                 \
  constexpr I prefix##_popcnt(I a) { return static_cast<I>(std::popcount(a)); }                 \
  constexpr I prefix##_add(I a, I b) { return a + b; }                                          \
  constexpr I prefix##_sub(I a, I b) { return a - b; }                                          \
  constexpr I prefix##_mul(I a, I b) { return a * b; }                                          \
  constexpr Checked<I> prefix##_div_s(I a, I b) { return detail::div_s(a, b); }                 \
  constexpr Checked<I> prefix##_div_u(I a, I b) { return detail::div_u(a, b); }                 \
  constexpr Checked<I> prefix##_rem_s(I a, I b) { return detail::rem_s(a, b); }                 \
  constexpr Checked<I> prefix##_rem_u(I a, I b) { return detail::rem_u(a, b); }                 \
  constexpr I prefix##_and(I a, I b) { return a & b; }                                          \
  constexpr I prefix##_or(I a, I b) { return a | b; }                                           \
  constexpr I prefix##_xor(I a, I b) { return a ^ b; }                                          \
  constexpr I prefix##_shl(I a, I b) { return a << detail::count_mod(b); }                      \
  constexpr I prefix##_shr_s(I a, I b) { return detail::shr_s(a, b); }                          \
  constexpr I prefix##_shr_u(I a, I b) { return a >> detail::count_mod(b); }                    \
  constexpr I prefix##_rotl(I a, I b) {                                                         \
    return std::rotl(a, static_cast<int>(detail::count_mod(b)));                                \
  }                                                                                             \
  constexpr I prefix##_rotr(I a, I b) {                                                         \
    return std::rotr(a, static_cast<int>(detail::count_mod(b)));                                \
  }                                                                                             \
  constexpr I prefix##_extend8_s(I a) { return detail::extend<int8_t>(a); }                     \
  constexpr I prefix##_extend16_s(I a) { return detail::extend<int16_t>(a); }
CORDON_INTEGER(i32, uint32_t, int32_t)
CORDON_INTEGER(i64, uint64_t, int64_t)
#undef CORDON_INTEGER
// Spec §4.3.2, iextend_s: the sign of the low 32 bits goes to the upper ones.
constexpr uint64_t i64_extend32_s(uint64_t a) { return detail::extend<int32_t>(a); }

// Floats (spec §4.3.3).
#define CORDON_FLOAT(prefix, F)                                                             \
  constexpr uint32_t prefix##_eq(F a, F b) { return a == b; }                               \
  constexpr uint32_t prefix##_ne(F a, F b) { return a != b; }                               \
  constexpr uint32_t prefix##_lt(F a, F b) { return a < b; }                                \
  constexpr uint32_t prefix##_gt(F a, F b) { return a > b; }                                \
  constexpr uint32_t prefix##_le(F a, F b) { return a <= b; }                               \
  constexpr uint32_t prefix##_ge(F a, F b) { return a >= b; }                               \
  constexpr F prefix##_abs(F a) { return detail::abs(a); }                                  \
  constexpr F prefix##_neg(F a) { return detail::neg(a); }                                  \
  constexpr F prefix##_ceil(F a) { return detail::round<detail::Rounding::Ceil>(a); }       \
  constexpr F prefix##_floor(F a) { return detail::round<detail::Rounding::Floor>(a); }     \
  constexpr F prefix##_trunc(F a) { return detail::round<detail::Rounding::Trunc>(a); }     \
  constexpr F prefix##_nearest(F a) { return detail::round<detail::Rounding::Nearest>(a); } \
  inline F prefix##_sqrt(F a) { return detail::sqrt(a); }                                   \
  constexpr F prefix##_add(F a, F b) { return a + b; }                                      \
  constexpr F prefix##_sub(F a, F b) { return a - b; }                                      \
  constexpr F prefix##_mul(F a, F b) { return a * b; }                                      \
  constexpr F prefix##_div(F a, F b) { return a / b; }                                      \
  constexpr F prefix##_min(F a, F b) { return detail::min(a, b); }                          \
  constexpr F prefix##_max(F a, F b) { return detail::max(a, b); }                          \
  constexpr F prefix##_copysign(F a, F b) { return detail::copysign(a, b); }
CORDON_FLOAT(f32, float)
CORDON_FLOAT(f64, double)
#undef CORDON_FLOAT

// Conversions (spec §4.3.4).
constexpr uint32_t i32_wrap_i64(uint64_t a) { return static_cast<uint32_t>(a); }
constexpr uint64_t i64_extend_i32_s(uint32_t a) { return detail::extend<int32_t>(uint64_t{a}); }
constexpr uint64_t i64_extend_i32_u(uint32_t a) { return a; }
#define CORDON_TRUNC(prefix, S, U)                                                    \
  constexpr Checked<U> prefix##_trunc_f32_s(float a) { return detail::trunc<S>(a); }  \
  constexpr Checked<U> prefix##_trunc_f32_u(float a) { return detail::trunc<U>(a); }  \
  constexpr Checked<U> prefix##_trunc_f64_s(double a) { return detail::trunc<S>(a); } \
  constexpr Checked<U> prefix##_trunc_f64_u(double a) { return detail::trunc<U>(a); } \
  constexpr U prefix##_trunc_sat_f32_s(float a) { return detail::trunc_sat<S>(a); }   \
  constexpr U prefix##_trunc_sat_f32_u(float a) { return detail::trunc_sat<U>(a); }   \
  constexpr U prefix##_trunc_sat_f64_s(double a) { return detail::trunc_sat<S>(a); }  \
  constexpr U prefix##_trunc_sat_f64_u(double a) { return detail::trunc_sat<U>(a); }
CORDON_TRUNC(i32, int32_t, uint32_t)
CORDON_TRUNC(i64, int64_t, uint64_t)
#undef CORDON_TRUNC
#define CORDON_CONVERT(prefix, F)                                              \
  constexpr F prefix##_convert_i32_s(uint32_t a) {                             \
    return static_cast<F>(static_cast<int32_t>(a));                            \
  }                                                                            \
  constexpr F prefix##_convert_i32_u(uint32_t a) { return static_cast<F>(a); } \
  constexpr F prefix##_convert_i64_s(uint64_t a) {                             \
    return static_cast<F>(static_cast<int64_t>(a));                            \
  }                                                                            \
  constexpr F prefix##_convert_i64_u(uint64_t a) { return static_cast<F>(a); }
CORDON_CONVERT(f32, float)
CORDON_CONVERT(f64, double)
#undef CORDON_CONVERT
// Conversions between float types round to nearest, ties to even; reinterpretations keep every bit
// (spec §4.3.4).
constexpr float f32_demote_f64(double a) { return static_cast<float>(a); }
constexpr double f64_promote_f32(float a) { return static_cast<double>(a); }
constexpr uint32_t i32_reinterpret_f32(float a) { return detail::bits(a); }
constexpr uint64_t i64_reinterpret_f64(double a) { return detail::bits(a); }
constexpr float f32_reinterpret_i32(uint32_t a) { return detail::of_bits<float>(a); }
constexpr double f64_reinterpret_i64(uint64_t a) { return detail::of_bits<double>(a); }

// Loads and stores (spec §4.4.7). T is the value's type, M the type in memory. The machine is
// little-endian; alignment does not matter here.
template <class T, class M>
inline T load(const uint8_t* from) {
  M value;
  std::memcpy(&value, from, sizeof value);
  return static_cast<T>(value);  // a signed M extends its sign
}
template <class M, class T>
inline void store(uint8_t* to, T value) {
  const M narrow = static_cast<M>(value);
  std::memcpy(to, &narrow, sizeof narrow);
}
static_assert(std::endian::native == std::endian::little);

// A value's place in a slot of 64 bits, and back: i32 and f32 in the low half, the upper half zero.
constexpr uint64_t to_slot(uint32_t value) { return value; }
constexpr uint64_t to_slot(uint64_t value) { return value; }
constexpr uint64_t to_slot(float value) { return detail::bits(value); }
constexpr uint64_t to_slot(double value) { return detail::bits(value); }
template <class T>
constexpr T from_slot(uint64_t slot) {
  if constexpr (std::is_same_v<T, float>)
    return detail::of_bits<float>(static_cast<uint32_t>(slot));
  if constexpr (std::is_same_v<T, double>) return detail::of_bits<double>(slot);
  if constexpr (std::is_integral_v<T>) return static_cast<T>(slot);
}

// The C++ type of a row's type name, for LOAD and STORE.
namespace type {
using i32 = uint32_t;
using i64 = uint64_t;
using f32 = float;
using f64 = double;
}  // namespace type

// A function type taken apart: the operands and the result of a meaning.
template <class T>
struct Meaning;
template <class R, class... Args>
struct Meaning<R (*)(Args...)> {
  using Result = R;
  static constexpr bool kPartial = false;
  static constexpr unsigned kOperands = sizeof...(Args);
};
template <class R, class... Args>
struct Meaning<Checked<R> (*)(Args...)> {
  using Result = R;
  static constexpr bool kPartial = true;
  static constexpr unsigned kOperands = sizeof...(Args);
};

namespace detail {
// The letter of a type in the column of signatures (signature.h).
template <class T>
constexpr char letter() {
  if (std::is_same_v<T, uint32_t>) return 'i';
  if (std::is_same_v<T, uint64_t>) return 'l';
  if (std::is_same_v<T, float>) return 'f';
  if (std::is_same_v<T, double>) return 'd';
  return '?';
}
// Whether a meaning has the operands and the result that its row gives, as in "ii:i".
template <class R, class... Args>
constexpr bool matches_row(R (*)(Args...), std::string_view signature) {
  const char letters[] = {letter<Args>()..., ':',
                          letter<typename Meaning<R (*)(Args...)>::Result>()};
  return signature == std::string_view(letters, sizeof letters);
}
#define PURE(code, ident, text, sig, feature, kind, effect) \
  static_assert(matches_row(&sem::ident, sig) &&            \
                Meaning<decltype(&sem::ident)>::kPartial == Effects(effect).has(Effect::Traps));
#include "core/wasm/opcodes.def"
}  // namespace detail

}  // namespace cordon::wasm::sem
