// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/engine/value.h"

#include <gtest/gtest.h>

#include "core/engine/diagnostics.h"

namespace cordon::engine {
namespace {

using wasm::ValType;

// The slot, or the message of the refusal.
std::string parsed(ValType type, std::string_view text) {
  auto value = parse_value(type, text);
  if (!value) return value.error().message();
  EXPECT_EQ(value->type, type);
  return std::to_string(value->slot);
}

TEST(Value, IntegersHaveBothReadings) {
  EXPECT_EQ(parsed(ValType::i32, "5"), "5");
  EXPECT_EQ(parsed(ValType::i32, "+5"), "5");
  EXPECT_EQ(parsed(ValType::i32, "-1"), "4294967295");
  EXPECT_EQ(parsed(ValType::i32, "4294967295"), "4294967295");
  EXPECT_EQ(parsed(ValType::i32, "-2147483648"), "2147483648");
  EXPECT_EQ(parsed(ValType::i32, "0xfF"), "255");
  EXPECT_EQ(parsed(ValType::i64, "-1"), "18446744073709551615");
  EXPECT_EQ(parsed(ValType::i64, "-0x8000000000000000"), "9223372036854775808");
}

TEST(Value, WhatIsNoIntegerOfTheWidthIsRefused) {
  for (std::string_view text : {"", "-", "+", "0x", "x", "5x", " 5", "5 ", "4294967296",
                                "-2147483649", "1.0", "--1", "0x1ffffffff"}) {
    EXPECT_EQ(parsed(ValType::i32, text), "not a value: \"" + std::string(text) + "\" as i32");
  }
  EXPECT_FALSE(parse_value(ValType::i64, "18446744073709551616"));
  EXPECT_FALSE(parse_value(ValType::i64, "-9223372036854775809"));
}

TEST(Value, FloatsAreReadToTheirBits) {
  EXPECT_EQ(parse_value(ValType::f32, "1.5")->slot, 0x3fc00000U);
  EXPECT_EQ(parse_value(ValType::f64, "-0")->slot, 0x8000000000000000U);
  EXPECT_EQ(parse_value(ValType::f64, "0x1p-1074")->slot, 1U);
  EXPECT_EQ(parse_value(ValType::f32, "-inf")->slot, 0xff800000U);
  EXPECT_EQ(parse_value(ValType::f32, "nan")->slot, 0x7fc00000U);
  for (std::string_view text : {"", "x", "1.5x", " 1", "1 ", "1,5"}) {
    EXPECT_FALSE(parse_value(ValType::f64, text)) << text;
    EXPECT_FALSE(parse_value(ValType::f32, text)) << text;
  }
}

TEST(Value, OfReferencesOnlyNullCanBeWritten) {
  EXPECT_EQ(parsed(ValType::externref, "null"), "0");
  EXPECT_EQ(parsed(ValType::funcref, "null"), "0");
  EXPECT_FALSE(parse_value(ValType::funcref, "1"));
  EXPECT_FALSE(parse_value(ValType::externref, "140737488355328"));
}

TEST(Value, VectorsAreOneNumberWhoseLowestByteIsTheFirst) {
  EXPECT_EQ(parse_value(ValType::v128, "0x0"), Value::v128({}));
  EXPECT_EQ(parse_value(ValType::v128, "0x1ff"), Value::v128({0x1ff, 0}));
  EXPECT_EQ(parse_value(ValType::v128, "0xA1234567890abcdef"),
            Value::v128({0x1234567890abcdef, 0xa}));
  const Value all = Value::v128({0xfedc'ba98'7654'3210, 0x0123'4567'89ab'cdef});
  EXPECT_EQ(to_typed_text(all), "v128:0x0123456789abcdeffedcba9876543210");
  EXPECT_EQ(parse_value(ValType::v128, to_text(all)), all);
  for (std::string_view text : {"", "5", "0x", "0x-1", "-0x1", "0x1x", "0x 1", "null",
                                "0x100000000000000000000000000000000",
                                "0x-0000000000000000000000000000001", "0x1-000000000000000"}) {
    EXPECT_FALSE(parse_value(ValType::v128, text)) << text;
  }
}

TEST(Value, PrintsAsItReads) {
  EXPECT_EQ(to_typed_text(Value::i32(UINT32_MAX)), "i32:-1");
  EXPECT_EQ(to_typed_text(Value::i64(uint64_t{1} << 63)), "i64:-9223372036854775808");
  EXPECT_EQ(to_typed_text(Value::f32(0.1F)), "f32:0.1");
  EXPECT_EQ(to_typed_text(Value::f64(-0.0)), "f64:-0");
  EXPECT_EQ(to_typed_text({ValType::f32, 0x7f800000}), "f32:inf");
  EXPECT_EQ(to_typed_text({ValType::f64, 0x7ff8000000000000}), "f64:nan");
  EXPECT_EQ(to_typed_text(Value::null(ValType::externref)), "externref:null");
  EXPECT_EQ(to_typed_text({ValType::funcref, 1}), "funcref:funcref");
  for (double number : {0.1, 1e300, -5e-324, 12345678.9}) {
    EXPECT_EQ(parse_value(ValType::f64, to_text(Value::f64(number)))->slot,
              Value::f64(number).slot);
  }
}

}  // namespace
}  // namespace cordon::engine
