// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Value types as 32 bits, and which type is accepted for which (spec of 3.0 §3.3.3).
#include "core/wasm/val_type.h"

#include <gtest/gtest.h>

namespace cordon::wasm {
namespace {

constexpr ValType kFunc = ref_type(HeapKind::func, false);
constexpr ValType kOfType5 = ref_type(TypeIdx{5}, false), kNullOfType5 = ref_type(TypeIdx{5}, true);
constexpr ValType kOfType6 = ref_type(TypeIdx{6}, false);
constexpr ValType kLastType = ref_type(TypeIdx{999'999}, true);

constexpr ValType kAll[] = {ValType::i32,  ValType::i64,     ValType::f32,       ValType::f64,
                            ValType::v128, ValType::funcref, ValType::externref, kFunc,
                            kOfType5,      kNullOfType5,     kOfType6,           kLastType};

TEST(ValType, NoTwoAreTheSame) {
  for (const ValType a : kAll) {
    int same = 0;
    for (const ValType b : kAll) same += a == b;
    EXPECT_EQ(same, 1);
  }
}

TEST(ValType, ItsPartsComeOutAsTheyWentIn) {
  EXPECT_TRUE(is_ref(kLastType) && is_nullable(kLastType));
  EXPECT_EQ(heap_of(kLastType), HeapKind::concrete);
  EXPECT_FALSE(is_nullable(kFunc));
  EXPECT_EQ(heap_of(kFunc), HeapKind::func);
  EXPECT_FALSE(is_ref(ValType::f64));
  EXPECT_FALSE(is_ref(ValType::v128));
}

TEST(ValType, EveryByteThatIsATypeIsThatType) {
  int known = 0;
  for (unsigned byte = 0; byte < 256; ++byte) {
    if (!is_value_type(static_cast<uint8_t>(byte))) continue;
    ++known;
    EXPECT_EQ(kind_of(val_type_of(static_cast<uint8_t>(byte))), byte);
  }
  EXPECT_EQ(known, 8);
}

TEST(ValType, AVectorTakesTwoSlots) {
  constexpr ValType kTypes[] = {ValType::i32, ValType::v128, ValType::funcref, ValType::v128};
  EXPECT_EQ(slots_of(kTypes), 6U);
}

TEST(ValType, EachMatchesItselfAndNumbersNothingElse) {
  for (const ValType a : kAll) {
    for (const ValType b : kAll) {
      if (a == b) EXPECT_TRUE(matches(a, b));
      if (a != b && (!is_ref(a) || !is_ref(b))) EXPECT_FALSE(matches(a, b));
    }
  }
}

TEST(ValType, ANarrowerReferenceMatchesAWiderOneAndNeverTheOtherWay) {
  constexpr struct {
    ValType given, expected;
  } kMatch[] = {{kFunc, ValType::funcref},
                {kOfType5, kNullOfType5},
                {kOfType5, kFunc},
                {kOfType5, ValType::funcref},
                {kNullOfType5, ValType::funcref}};
  for (const auto& [given, expected] : kMatch) {
    EXPECT_TRUE(matches(given, expected));
    EXPECT_FALSE(matches(expected, given));
  }
  EXPECT_FALSE(matches(kOfType5, kOfType6));
  EXPECT_FALSE(matches(kNullOfType5, kFunc)) << "may be null";
  EXPECT_FALSE(matches(kOfType5, ValType::externref));
  EXPECT_FALSE(matches(ValType::externref, ValType::funcref));
}

}  // namespace
}  // namespace cordon::wasm
