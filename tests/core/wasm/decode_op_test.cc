// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// decode_op hands each kind of immediates over as it was written, calls exactly the method of the
// row, and calls none for bytes that are malformed.
#include "core/wasm/decode_op.h"

#include <gtest/gtest.h>

#include <limits>
#include <optional>
#include <variant>

#include "core/wasm/limits.h"
#include "core/wasm/proposals.h"
#include "tests/kit/wasm_bytes.h"

namespace cordon::wasm {
namespace {

using cordon::testing::WasmBytes;

// The last instruction.
struct Recorder {
#define OP(code, ident, text, imm, feature, kind, effect) \
  void ident(const immediate::imm& immediates) {          \
    op = Op::ident;                                       \
    operands = immediates;                                \
    ++calls;                                              \
  }
#include "core/wasm/opcodes.def"

  std::optional<Op> op;
  std::variant<immediate::None, immediate::Block, immediate::Label, immediate::LabelTable,
               immediate::Func, immediate::CallIndirect, immediate::SelectTypes, immediate::Local,
               immediate::Global, immediate::Table, immediate::MemArg, immediate::Memory,
               immediate::MemoryInit, immediate::MemoryCopy, immediate::Data, immediate::Elem,
               immediate::TableInit, immediate::TableCopy, immediate::RefType, immediate::I32,
               immediate::I64, immediate::F32, immediate::F64, immediate::V128, immediate::Lane,
               immediate::Shuffle, immediate::MemArgLane, immediate::Tag, immediate::TryTable>
      operands;
  int calls = 0;
};

// Decodes exactly one instruction and gives its immediates, which must be of kind T.
template <class T>
T decoded(const WasmBytes& bytes, Op expected) {
  Cursor cursor(bytes.span());
  OpReader reader(cursor, Features::all());
  Recorder recorder;
  reader.next(recorder);
  EXPECT_TRUE(cursor.ok() && cursor.at_end());
  EXPECT_EQ(recorder.calls, 1);
  EXPECT_TRUE(recorder.op == expected);
  const T* operands = std::get_if<T>(&recorder.operands);
  EXPECT_NE(operands, nullptr);
  return operands == nullptr ? T{} : *operands;
}

// The diagnostic's name; empty if the visitor was called.
std::string refused(const WasmBytes& bytes, Features features = Features::all()) {
  Cursor cursor(bytes.span());
  OpReader reader(cursor, features);
  Recorder recorder;
  reader.next(recorder);
  EXPECT_EQ(recorder.calls, cursor.ok() ? 1 : 0);
  return cursor.ok() ? "" : std::string(cursor.failure().value().kind->name);
}

constexpr uint32_t kLargest = std::numeric_limits<uint32_t>::max();

TEST(DecodeOp, Indices) {
  EXPECT_EQ(decoded<immediate::Label>(WasmBytes().br(kLargest), Op::br).label.value, kLargest);
  EXPECT_EQ(decoded<immediate::Func>(WasmBytes().call(300), Op::call).func.value, 300U);
  EXPECT_EQ(decoded<immediate::Local>(WasmBytes().local_tee(127), Op::local_tee).local.value, 127U);
  EXPECT_EQ(decoded<immediate::Global>(WasmBytes().op(Op::global_get).u32(5), Op::global_get)
                .global.value,
            5U);
  EXPECT_EQ(
      decoded<immediate::Table>(WasmBytes().op(Op::table_fill).u32(6), Op::table_fill).table.value,
      6U);
  const auto call = decoded<immediate::CallIndirect>(
      WasmBytes().op(Op::call_indirect).u32(1).u32(2), Op::call_indirect);
  EXPECT_EQ(call.type.value, 1U);
  EXPECT_EQ(call.table.value, 2U);
  const auto init =
      decoded<immediate::TableInit>(WasmBytes().op(Op::table_init).u32(1).u32(2), Op::table_init);
  EXPECT_EQ(init.elem.value, 1U);
  EXPECT_EQ(init.table.value, 2U);
  const auto copy =
      decoded<immediate::TableCopy>(WasmBytes().op(Op::table_copy).u32(1).u32(2), Op::table_copy);
  EXPECT_EQ(copy.to.value, 1U);
  EXPECT_EQ(copy.from.value, 2U);
  EXPECT_EQ(
      decoded<immediate::MemoryInit>(WasmBytes().op(Op::memory_init).u32(9).u8(0), Op::memory_init)
          .data.value,
      9U);
}

TEST(DecodeOp, Constants) {
  EXPECT_EQ(decoded<immediate::I32>(WasmBytes().i32_const(INT32_MIN), Op::i32_const).value,
            INT32_MIN);
  EXPECT_EQ(decoded<immediate::I32>(WasmBytes().i32_const(-1), Op::i32_const).value, -1);
  EXPECT_EQ(decoded<immediate::I64>(WasmBytes().i64_const(INT64_MIN), Op::i64_const).value,
            INT64_MIN);
  EXPECT_EQ(decoded<immediate::F32>(WasmBytes().f32_const(-0.0F), Op::f32_const).bits,
            0x8000'0000U);
  const V128 vector{0x0123'4567'89ab'cdef, 0xff};
  EXPECT_EQ(decoded<immediate::V128>(WasmBytes().v128_const(vector), Op::v128_const).value, vector);
  // A signalling NaN keeps its payload.
  const WasmBytes nan{0x44, 1, 0, 0, 0, 0, 0, 0xf0, 0x7f};
  EXPECT_EQ(decoded<immediate::F64>(nan, Op::f64_const).bits, 0x7ff0'0000'0000'0001U);
}

TEST(DecodeOp, MemoryAccesses) {
  const auto access =
      decoded<immediate::MemArg>(WasmBytes().access(Op::i64_store, kLargest, 3), Op::i64_store);
  EXPECT_EQ(access.align, 3U);
  EXPECT_EQ(access.offset, kLargest);
}

TEST(DecodeOp, BlockTypes) {
  using Kind = BlockType::Kind;
  EXPECT_EQ(decoded<immediate::Block>(WasmBytes().block(Op::loop), Op::loop).type.kind,
            Kind::Empty);
  const auto value =
      decoded<immediate::Block>(WasmBytes().block(Op::if_, ValType::externref), Op::if_).type;
  EXPECT_EQ(value.kind, Kind::Value);
  EXPECT_EQ(value.value, ValType::externref);
  // Types 63 and 64 are the first that take one byte and two.
  for (uint32_t index : {0U, 63U, 64U, 1'000'000U}) {
    const auto type =
        decoded<immediate::Block>(WasmBytes().block_of_type(Op::block, index), Op::block).type;
    EXPECT_EQ(type.kind, Kind::Func);
    EXPECT_EQ(type.type.value, index);
  }
  EXPECT_EQ(refused(WasmBytes().op(Op::block).u8(0x41)), "malformed_block_type");
  EXPECT_EQ(refused(WasmBytes().op(Op::block).u8(0xc0).u8(0x7f)), "malformed_block_type");
  EXPECT_EQ(refused(WasmBytes().op(Op::block).u8(0x68)), "lacks_stack_switching");
}

TEST(DecodeOp, LanesAreAsTheyStandInTheBytes) {
  EXPECT_EQ(decoded<immediate::Lane>(WasmBytes().op(Op::i64x2_extract_lane).u8(0xff),
                                     Op::i64x2_extract_lane)
                .lane,
            0xff);
  const auto access = decoded<immediate::MemArgLane>(
      WasmBytes().access(Op::v128_store16_lane, 300, 1).u8(7), Op::v128_store16_lane);
  EXPECT_EQ(access.access.align, 1U);
  EXPECT_EQ(access.access.offset, 300U);
  EXPECT_EQ(access.lane, 7U);
  WasmBytes shuffle;
  shuffle.op(Op::i8x16_shuffle);
  for (uint8_t i = 0; i < 16; ++i) shuffle.u8(static_cast<uint8_t>(31 - i));
  const auto lanes = decoded<immediate::Shuffle>(shuffle, Op::i8x16_shuffle).lanes;
  EXPECT_EQ(lanes[0], 31);
  EXPECT_EQ(lanes[15], 16);
}

TEST(DecodeOp, VectorsNeedTheirFeatures) {
  const Features no_relaxed = Features::all().without(Feature::relaxed_simd);
  const Features none = no_relaxed.without(Feature::simd);
  EXPECT_EQ(refused(WasmBytes().op(Op::i8x16_add), no_relaxed), "");
  EXPECT_EQ(refused(WasmBytes().op(Op::f32x4_relaxed_madd), no_relaxed), "feature_off");
  EXPECT_EQ(refused(WasmBytes().op(Op::i8x16_add), none), "feature_off");
  EXPECT_EQ(refused(WasmBytes().op(Op::block).type(ValType::v128), none), "feature_off");
  EXPECT_EQ(refused(WasmBytes().op(Op::block).type(ValType::v128)), "");
}

TEST(DecodeOp, LabelTablesAreReusedFromOneToTheNext) {
  WasmBytes bytes;
  bytes.op(Op::br_table).u32(3).u32(7).u32(8).u32(9).u32(10);
  bytes.op(Op::br_table).u32(0).u32(11);
  Cursor cursor(bytes.span());
  OpReader reader(cursor, Features::all());
  Recorder recorder;
  reader.next(recorder);
  auto table = std::get<immediate::LabelTable>(recorder.operands);
  ASSERT_EQ(table.labels.size(), 3U);
  EXPECT_EQ(table.labels[0].value, 7U);
  EXPECT_EQ(table.labels[2].value, 9U);
  EXPECT_EQ(table.otherwise.value, 10U);
  reader.next(recorder);
  table = std::get<immediate::LabelTable>(recorder.operands);
  EXPECT_EQ(table.labels.size(), 0U);
  EXPECT_EQ(table.otherwise.value, 11U);
  EXPECT_TRUE(cursor.at_end());
}

TEST(DecodeOp, SelectTypes) {
  const auto one = decoded<immediate::SelectTypes>(
      WasmBytes().op(Op::select_t).u32(1).type(ValType::funcref), Op::select_t);
  EXPECT_EQ(one.count, 1U);
  EXPECT_EQ(one.type, ValType::funcref);
  EXPECT_EQ(
      decoded<immediate::SelectTypes>(WasmBytes().op(Op::select_t).u32(0), Op::select_t).count, 0U);
  EXPECT_EQ(refused(WasmBytes().op(Op::select_t).u32(1).u8(0x40)), "malformed_value_type");
}

TEST(DecodeOp, EveryRowIsCutOffAtEveryByte) {
  // The longest immediates of each kind, in as many bytes.
  WasmBytes rows[] = {
      WasmBytes().op(Op::call_indirect).u32(kLargest).u32(kLargest),
      WasmBytes().op(Op::br_table).u32(2).u32(1).u32(kLargest).u32(0),
      WasmBytes().op(Op::select_t).u32(1).type(ValType::i32),
      WasmBytes().access(Op::f64_load, kLargest, 3),
      WasmBytes().op(Op::memory_copy).u8(0).u8(0),
      WasmBytes().op(Op::memory_init).u32(kLargest).u8(0),
      WasmBytes().op(Op::table_copy).u32(kLargest).u32(kLargest),
      WasmBytes().op(Op::ref_null).type(ValType::funcref),
      WasmBytes().i32_const(INT32_MIN),
      WasmBytes().i64_const(INT64_MIN),
      WasmBytes().f32_const(1),
      WasmBytes().f64_const(1),
      WasmBytes().v128_const({1, 2}),
      WasmBytes().op(Op::f64x2_replace_lane).u8(1),
      WasmBytes().op(Op::i8x16_shuffle).v128({}),
      WasmBytes().access(Op::v128_load64_lane, kLargest, 3).u8(1),
      WasmBytes().block_of_type(Op::loop, 1'000'000),
  };
  for (const WasmBytes& row : rows) {
    EXPECT_EQ(refused(row), "");
    for (size_t size = 0; size < row.size(); ++size) {
      const WasmBytes cut = WasmBytes().raw(row.span().first(size));
      EXPECT_NE(refused(cut), "") << size << " of " << row.size();
    }
  }
}

TEST(DecodeOp, CodesWithoutARow) {
  for (uint32_t code = 0; code < 0x100; ++code) {
    std::string_view what;
    if (op_info(static_cast<Op>(code)).known || (code >= 0xfb && code <= 0xfe)) continue;
    if (lacked_proposal(MarkPlace::Opcode, code, what) != nullptr) continue;
    EXPECT_EQ(refused(WasmBytes().u8(static_cast<uint8_t>(code))), "illegal_opcode") << code;
  }
  for (uint32_t number :
       {numbers_behind(kPrefix), 0xffU, 0x100U, kNumbers, kNumbers + 1, kLargest}) {
    EXPECT_EQ(refused(WasmBytes().u8(kPrefix).u32(number)), "illegal_opcode") << number;
  }
  for (uint32_t number : {154U, 162U, 187U, numbers_behind(kVectorPrefix), 0x10000U, kLargest}) {
    EXPECT_EQ(refused(WasmBytes().u8(kVectorPrefix).u32(number)), "illegal_opcode") << number;
  }
  EXPECT_EQ(refused(WasmBytes().u8(kVectorPrefix)), "unexpected_end");
  EXPECT_EQ(refused(WasmBytes().u8(kPrefix)), "unexpected_end");
}

TEST(DecodeOp, BeforeReferenceTypesTheTableOfACallIsAZeroByte) {
  const Features old = Features::all().without(Feature::reference_types);
  EXPECT_EQ(refused(WasmBytes().op(Op::call_indirect).u32(1).u8(0), old), "");
  EXPECT_EQ(refused(WasmBytes().op(Op::call_indirect).u32(1).u8(1), old), "zero_byte_expected");
  EXPECT_EQ(refused(WasmBytes().op(Op::call_indirect).u32(1).u8(0x80).u8(0), old),
            "zero_byte_expected");
}

}  // namespace
}  // namespace cordon::wasm
