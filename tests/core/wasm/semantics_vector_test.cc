// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The meaning of every vector instruction against the vectors, and of the loads by the contents of
// memory.
#include "core/wasm/semantics_vector.h"

#include <gtest/gtest.h>

#include <map>
#include <tuple>

#include "tests/vectors/lanes.h"

namespace cordon::wasm {
namespace {

using testing::LanesVector;

template <class T>
T operand(V128 bits) {
  if constexpr (std::is_same_v<T, V128>) {
    return bits;
  } else {
    return sem::from_slot<T>(bits.low);
  }
}
template <class T>
V128 result(T value) {
  uint64_t slots[2] = {};
  uint64_t* to = slots;
  sem::put_slots(to, value);
  return {slots[0], slots[1]};
}

template <class R, class... Args, class... Extra>
V128 apply(R (*meaning)(Args...), const LanesVector& vector, Extra... extra) {
  const auto with = [&]<size_t... kI>(std::index_sequence<kI...>) {
    using All = std::tuple<Args...>;
    return result(
        meaning(operand<std::tuple_element_t<kI, All>>(vector.operands[kI])..., extra...));
  };
  return with(std::make_index_sequence<sizeof...(Args) - sizeof...(Extra)>());
}

V128 evaluate(const LanesVector& vector) {
  switch (vector.op) {
#define VECTOR(code, ident, text, sig, feature, kind, effect) \
  case Op::ident: return apply(&sem::ident, vector);
#define LANE(code, ident, text, lanes, sig, feature, kind, effect) \
  case Op::ident: return apply(&sem::ident, vector, static_cast<uint32_t>(vector.immediate.low));
#include "core/wasm/opcodes.def"
    case Op::i8x16_shuffle:
      return sem::i8x16_shuffle(vector.operands[0], vector.operands[1],
                                lanes_of<uint8_t>(vector.immediate));
    default: ADD_FAILURE() << vector.name; return {};
  }
}

TEST(VectorSemantics, GivesWhatEveryVectorSays) {
  for (const LanesVector& vector : testing::lanes_vectors()) {
    const V128 got = evaluate(vector);
    EXPECT_TRUE(matches(vector, got)) << vector << ", got " << testing::Hex{got};
  }
}

TEST(VectorSemantics, EveryInstructionHasVectorsWithAsManyOperandsAsItTakes) {
  std::map<Op, unsigned> rows, operands;
  std::map<Op, std::map<uint64_t, bool>> lanes;
  for (const LanesVector& vector : testing::lanes_vectors()) {
    ++rows[vector.op];
    operands[vector.op] = vector.count;
    lanes[vector.op][vector.immediate.low] = true;
  }
#define VECTOR(code, ident, text, sig, feature, kind, effect) \
  EXPECT_GE(rows[Op::ident], 16u) << text;                    \
  EXPECT_EQ(operands[Op::ident], parse_signature(sig).param_count) << text;
#define LANE(code, ident, text, count, sig, feature, kind, effect) \
  EXPECT_GE(rows[Op::ident], 16u) << text;                         \
  EXPECT_EQ(lanes[Op::ident].size(), count) << text;
#include "core/wasm/opcodes.def"
  EXPECT_GE(rows[Op::i8x16_shuffle], 48u);
}

TEST(VectorSemantics, IsKnownWhileCompiling) {
  static_assert(sem::i8x16_add({0xff, 0}, {1, 0}) == V128{0, 0});
  static_assert(sem::i64x2_shl({1, 3}, 65) == V128{2, 6});
  static_assert(sem::f64x2_add({0, 0}, {0, 0}) == V128{0, 0});
}

TEST(VectorSemantics, LoadsMakeLanesOfMemory) {
  constexpr uint64_t kMemory = 0x80ff'7f01'0080'fffe;
  EXPECT_EQ(sem::v128_load8x8_s(kMemory), (V128{0x0000'ff80'ffff'fffe, 0xff80'ffff'007f'0001}));
  EXPECT_EQ(sem::v128_load8x8_u(kMemory), (V128{0x0000'0080'00ff'00fe, 0x0080'00ff'007f'0001}));
  EXPECT_EQ(sem::v128_load16x4_s(kMemory), (V128{0x0000'0080'ffff'fffe, 0xffff'80ff'0000'7f01}));
  EXPECT_EQ(sem::v128_load16x4_u(kMemory), (V128{0x0000'0080'0000'fffe, 0x0000'80ff'0000'7f01}));
  EXPECT_EQ(sem::v128_load32x2_s(kMemory), (V128{0x0080'fffe, 0xffff'ffff'80ff'7f01}));
  EXPECT_EQ(sem::v128_load32x2_u(kMemory), (V128{0x0080'fffe, 0x80ff'7f01}));
  EXPECT_EQ(sem::v128_load8_splat(0xa5), (V128{0xa5a5'a5a5'a5a5'a5a5, 0xa5a5'a5a5'a5a5'a5a5}));
  EXPECT_EQ(sem::v128_load16_splat(0x1234), (V128{0x1234'1234'1234'1234, 0x1234'1234'1234'1234}));
  EXPECT_EQ(sem::v128_load32_splat(7), (V128{0x7'0000'0007, 0x7'0000'0007}));
  EXPECT_EQ(sem::v128_load64_splat(kMemory), (V128{kMemory, kMemory}));
  EXPECT_EQ(sem::v128_load32_zero(0xffff'ffff), (V128{0xffff'ffff, 0}));
  EXPECT_EQ(sem::v128_load64_zero(kMemory), (V128{kMemory, 0}));
}

TEST(VectorSemantics, LanesGoToMemoryAndComeFromThere) {
  const V128 ones{~uint64_t{0}, ~uint64_t{0}};
  for (uint32_t lane = 0; lane < 16; ++lane) {
    const V128 with = sem::v128_load8_lane(ones, 5, lane);
    for (uint32_t i = 0; i < 16; ++i) {
      EXPECT_EQ(sem::v128_store8_lane(with, i), i == lane ? 5 : 255);
      if (i < 8 && lane < 8) {
        EXPECT_EQ(sem::v128_store16_lane(sem::v128_load16_lane(ones, 5, lane), i),
                  i == lane ? 5 : 0xffff);
      }
      if (i < 4 && lane < 4) {
        EXPECT_EQ(sem::v128_store32_lane(sem::v128_load32_lane(ones, 5, lane), i),
                  i == lane ? 5 : 0xffff'ffff);
      }
      if (i < 2 && lane < 2) {
        EXPECT_EQ(sem::v128_store64_lane(sem::v128_load64_lane(ones, 5, lane), i),
                  i == lane ? 5 : ~uint64_t{0});
      }
    }
  }
}

}  // namespace
}  // namespace cordon::wasm
