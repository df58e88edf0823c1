// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Without its checks a reader of a validated body still reads what the checked one reads: number by
// number, whatever the length they are written in, and instruction by instruction.
#include "core/wasm/validated_cursor.h"

#include <gtest/gtest.h>

#include <limits>

#include "core/wasm/decode_op.h"
#include "tests/core/wasm/body_module.h"

namespace cordon::wasm {
namespace {

using cordon::testing::BodyVerdict;
using cordon::testing::verdict_on;
using cordon::testing::WasmBytes;

// LEBs are padded up to `length` bytes.
WasmBytes& leb(WasmBytes& code, int64_t value, unsigned length, bool is_signed) {
  for (unsigned i = 0; i < length; ++i) {
    const auto low = static_cast<uint8_t>(value & 0x7F);
    value = is_signed ? value >> 7 : static_cast<int64_t>(static_cast<uint64_t>(value) >> 7);
    code.u8(i + 1 == length ? low : static_cast<uint8_t>(low | 0x80));
  }
  return code;
}

// Every number as it was read, in order.
struct Numbers {
#define OP(code, ident, text, imm, feature, kind, effect) \
  void ident(const immediate::imm& operands) { ops.push_back(Op::ident), note(operands); }
#include "core/wasm/opcodes.def"

  template <class Immediates>
  void note(const Immediates&) {}
  void note(const immediate::I32& read) { numbers.push_back(static_cast<uint32_t>(read.value)); }
  void note(const immediate::I64& read) { numbers.push_back(static_cast<uint64_t>(read.value)); }
  void note(const immediate::F32& read) { numbers.push_back(read.bits); }
  void note(const immediate::F64& read) { numbers.push_back(read.bits); }
  void note(const immediate::Local& read) { numbers.push_back(read.local.value); }
  void note(const immediate::MemArg& read) {
    numbers.push_back(read.align), numbers.push_back(read.offset);
  }
  void note(const immediate::Label& read) { numbers.push_back(read.label.value); }
  void note(const immediate::LabelTable& read) {
    for (const LabelIdx label : read.labels) numbers.push_back(label.value);
    numbers.push_back(read.otherwise.value);
  }
  void note(const immediate::Block& read) {
    numbers.push_back(static_cast<uint64_t>(read.type.kind)),
        numbers.push_back(static_cast<uint64_t>(read.type.value)),
        numbers.push_back(read.type.type.value);
  }
  void note(const immediate::SelectTypes& read) {
    numbers.push_back(static_cast<uint64_t>(read.type));
  }
  void note(const immediate::RefType& read) { numbers.push_back(static_cast<uint64_t>(read.type)); }

  std::vector<Op> ops;
  std::vector<uint64_t> numbers;
};

void expect_the_same(const WasmBytes& code) {
  const BodyVerdict verdict = verdict_on({}, code);
  ASSERT_TRUE(verdict.valid()) << verdict.text();
  const Module& module = verdict.module->module();
  Cursor checked(module.bytes(), verdict.func().body().code);
  OpReader reader(checked, module.features);
  ValidatedCursor quick(module, verdict.func());
  ValidatedOpReader quick_reader(quick, module.features);
  Numbers expected, found;
  while (!checked.at_end()) {
    ASSERT_FALSE(quick.at_end());
    reader.next(expected);
    quick_reader.next(found);
    ASSERT_TRUE(checked.ok());
    ASSERT_EQ(quick.offset(), checked.offset());
  }
  EXPECT_TRUE(quick.at_end());
  EXPECT_EQ(found.ops, expected.ops);
  EXPECT_EQ(found.numbers, expected.numbers);
}

TEST(ValidatedCursor, ReadsNumbersOfEveryLength) {
  WasmBytes code;
  for (const int64_t value :
       {int64_t{0}, int64_t{1}, int64_t{-1}, int64_t{63}, int64_t{64}, int64_t{-64}, int64_t{-65},
        int64_t{0x7FFF'FFFF}, -int64_t{0x7FFF'FFFF} - 1}) {
    for (unsigned length = 1; length <= 10; ++length) {
      const unsigned bits = 7 * length;
      if (bits < 64 && (value << (64 - bits)) >> (64 - bits) != value) continue;
      if (length <= 5) leb(code.op(Op::i32_const), value, length, true).op(Op::drop);
      leb(code.op(Op::i64_const), value, length, true).op(Op::drop);
    }
  }
  for (const int64_t value :
       {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()}) {
    leb(code.op(Op::i64_const), value, 10, true).op(Op::drop);
  }
  for (unsigned length = 1; length <= 5; ++length) {
    code.op(Op::i32_const).u8(0);
    leb(leb(code.op(Op::i32_load), 2, length, false), 0x7F, length, false).op(Op::drop);
  }
  code.op(Op::i32_const).u8(0);
  leb(code.op(Op::i32_load8_u).u8(0), 0xFFFF'FFFF, 5, false).op(Op::drop);
  expect_the_same(code);
}

TEST(ValidatedCursor, ReadsImmediatesOfAllShapes) {
  WasmBytes code;
  code.op(Op::f32_const).u8(1).u8(2).u8(3).u8(0xFF).op(Op::drop);
  code.op(Op::f64_const).u8(1).u8(2).u8(3).u8(4).u8(5).u8(6).u8(7).u8(0xFF).op(Op::drop);
  code.op(Op::block).u8(0x40).op(Op::i32_const).u8(1);
  code.op(Op::br_table).u8(3).u8(0).u8(1).u8(0).u8(1).op(Op::end);
  code.op(Op::i32_const).u8(5).op(Op::loop).u8(2).op(Op::end).op(Op::drop);  // type 2
  code.op(Op::block).u8(0x7E).op(Op::i64_const).u8(9).op(Op::end).op(Op::drop);
  code.op(Op::ref_null).u8(0x70).op(Op::ref_null).u8(0x70).op(Op::i32_const).u8(1);
  code.op(Op::select_t).u8(1).u8(0x70).op(Op::drop);
  code.op(Op::i32_const).u8(1).op(Op::i32_const).u8(1).op(Op::i32_const).u8(1);
  code.op(Op::memory_fill).u8(0);
  expect_the_same(code);
}

}  // namespace
}  // namespace cordon::wasm
