// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The meaning of every PURE row against the vectors, and what of it is known while compiling.
#include "core/wasm/semantics.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/vectors/vectors.h"

namespace cordon::wasm {
namespace {

using testing::Got;
using testing::Vector;

template <class R>
Got outcome(R result) {
  return {Trap::none, sem::to_slot(result)};
}
template <class R>
Got outcome(sem::Checked<R> result) {
  return {to_trap(result.fault), sem::to_slot(result.value)};
}

template <class R, class A>
Got apply(R (*meaning)(A), const uint64_t* operands) {
  return outcome(meaning(sem::from_slot<A>(operands[0])));
}
template <class R, class A, class B>
Got apply(R (*meaning)(A, B), const uint64_t* operands) {
  return outcome(meaning(sem::from_slot<A>(operands[0]), sem::from_slot<B>(operands[1])));
}

Got evaluate(Op op, const uint64_t* operands) {
  switch (op) {
#define PURE(code, ident, text, sig, feature, kind, effect) \
  case Op::ident: return apply(&sem::ident, operands);
#include "core/wasm/opcodes.def"
    default: return {Trap::unreachable, 0};
  }
}

TEST(Semantics, GivesWhatEveryVectorSays) {
  for (const Vector& vector : testing::vectors()) {
    const Got got = evaluate(vector.op, vector.operands);
    EXPECT_TRUE(matches(vector, got)) << vector << ", got " << got;
  }
}

TEST(Semantics, EveryPureInstructionHasVectorsWithAsManyOperandsAsItTakes) {
  std::map<Op, unsigned> rows;
  std::map<Op, unsigned> operands;
  for (const Vector& vector : testing::vectors()) {
    ++rows[vector.op];
    operands[vector.op] = vector.count;
  }
#define PURE(code, ident, text, sig, feature, kind, effect) \
  EXPECT_GE(rows[Op::ident], 16u) << text;                  \
  EXPECT_EQ(operands[Op::ident], sem::Meaning<decltype(&sem::ident)>::kOperands) << text;
#include "core/wasm/opcodes.def"
}

TEST(Semantics, EveryPartialInstructionHasVectorsThatTrapAndSomeThatDoNot) {
  std::map<Op, unsigned> trapping, passing;
  for (const Vector& vector : testing::vectors()) {
    ++(vector.expected.kind == testing::Expected::Kind::Traps ? trapping : passing)[vector.op];
  }
#define PURE(code, ident, text, sig, feature, kind, effect)                                   \
  EXPECT_EQ(trapping[Op::ident] != 0, sem::Meaning<decltype(&sem::ident)>::kPartial) << text; \
  EXPECT_NE(passing[Op::ident], 0u) << text;
#include "core/wasm/opcodes.def"
}

TEST(Semantics, IsKnownWhileCompilingWhereNothingTraps) {
  static_assert(sem::i32_rotl(0xff000000, 33) == 0xfe000001);
  static_assert(sem::i64_extend8_s(0x80) == 0xffffffffffffff80);
  static_assert(sem::f64_nearest(2.5) == 2.0 && sem::f64_floor(-0.5) == -1.0);
  static_assert(sem::i32_div_s(0x80000000, 0xffffffff).fault == sem::Fault::integer_overflow);
  static_assert(sem::i64_trunc_sat_f64_u(-1.0) == 0);
}

TEST(Semantics, LoadsExtendAndStoresWrap) {
  const uint8_t bytes[] = {0x80, 0xff, 0x01, 0x80, 0, 0, 0, 0x80};
  EXPECT_EQ((sem::load<uint32_t, int8_t>(bytes)), 0xffffff80u);
  EXPECT_EQ((sem::load<uint32_t, uint8_t>(bytes)), 0x80u);
  EXPECT_EQ((sem::load<uint64_t, int16_t>(bytes)), 0xffffffffffffff80u);
  EXPECT_EQ((sem::load<uint64_t, int32_t>(bytes)), 0xffffffff8001ff80u);
  EXPECT_EQ((sem::load<uint64_t, uint32_t>(bytes)), 0x8001ff80u);
  uint8_t out[4] = {9, 9, 9, 9};
  sem::store<uint16_t>(out, uint64_t{0x123456});
  EXPECT_EQ(out[0], 0x56);
  EXPECT_EQ(out[1], 0x34);
  EXPECT_EQ(out[2], 9);
}

TEST(Semantics, FaultsAreTheTrapsOfTheirNames) {
  EXPECT_EQ(to_trap(sem::Fault::none), Trap::none);
  EXPECT_EQ(to_trap(sem::Fault::integer_overflow), Trap::integer_overflow);
  EXPECT_EQ(to_trap(sem::Fault::integer_divide_by_zero), Trap::integer_divide_by_zero);
  EXPECT_EQ(to_trap(sem::Fault::invalid_conversion_to_integer),
            Trap::invalid_conversion_to_integer);
}

}  // namespace
}  // namespace cordon::wasm
