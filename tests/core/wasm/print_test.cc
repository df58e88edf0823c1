// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/wasm/print.h"

#include <gtest/gtest.h>

#include "tests/core/wasm/sample_module.h"
#include "tests/kit/module_builder.h"

namespace cordon::wasm {
namespace {

using namespace testing;

// The listing of one body, two blanks a level.
std::string listing(const WasmBytes& code) {
  ModuleBuilder builder;
  builder.func({}, code);
  const auto bytes = builder.build();
  const auto module = decode_module(bytes);
  if (!module) return module.error().message();
  InstructionPrinter printer(*module, module->bodies[0].code);
  std::string out;
  while (printer.next()) out += std::string(2 * printer.depth(), ' ') + printer.text() + '\n';
  if (const auto result = printer.result(); !result) out += result.error().message();
  return out;
}

TEST(Print, BlocksIndentAndElseStandsWithIf) {
  const WasmBytes code = WasmBytes()
                             .block(Op::block)
                             .block(Op::if_, ValType::i64)
                             .op(Op::nop)
                             .op(Op::else_)
                             .op(Op::unreachable)
                             .end()
                             .block_of_type(Op::loop, 7)
                             .end()
                             .end();
  EXPECT_EQ(listing(code),
            "block\n"
            "  if (result i64)\n"
            "    nop\n"
            "  else\n"
            "    unreachable\n"
            "  end\n"
            "  loop (type 7)\n"
            "  end\n"
            "end\n"
            "end\n");
}

TEST(Print, EachKindOfImmediate) {
  const struct {
    WasmBytes code;
    std::string_view text;
  } rows[] = {
      {WasmBytes().br(3), "br 3"},
      {WasmBytes().op(Op::br_table).u32(2).u32(5).u32(6).u32(0), "br_table 5 6 0"},
      {WasmBytes().call(300), "call 300"},
      {WasmBytes().op(Op::call_indirect).u32(4).u32(0), "call_indirect (type 4)"},
      {WasmBytes().op(Op::call_indirect).u32(4).u32(2), "call_indirect 2 (type 4)"},
      {WasmBytes().op(Op::select), "select"},
      {WasmBytes().op(Op::select_t).u32(1).type(ValType::externref), "select (result externref)"},
      {WasmBytes().local_tee(9), "local.tee 9"},
      {WasmBytes().op(Op::global_set).u32(1), "global.set 1"},
      {WasmBytes().op(Op::table_grow).u32(1), "table.grow 1"},
      {WasmBytes().access(Op::i64_load, 0, 3), "i64.load"},
      {WasmBytes().access(Op::i64_load8_u, 16, 0), "i64.load8_u offset=16"},
      {WasmBytes().access(Op::f64_store, 8, 1), "f64.store offset=8 align=2"},
      {WasmBytes().access(Op::i32_load, 0, 99), "i32.load align=2**99"},
      {WasmBytes().op(Op::memory_size).u8(0), "memory.size"},
      {WasmBytes().op(Op::memory_init).u32(3).u8(0), "memory.init 3"},
      {WasmBytes().op(Op::memory_copy).u8(0).u8(0), "memory.copy"},
      {WasmBytes().op(Op::data_drop).u32(2), "data.drop 2"},
      {WasmBytes().op(Op::elem_drop).u32(2), "elem.drop 2"},
      {WasmBytes().op(Op::table_init).u32(3).u32(1), "table.init 1 3"},
      {WasmBytes().op(Op::table_copy).u32(3).u32(1), "table.copy 3 1"},
      {WasmBytes().op(Op::ref_null).type(ValType::funcref), "ref.null func"},
      {WasmBytes().op(Op::ref_func).u32(1), "ref.func 1"},
      {WasmBytes().i32_const(INT32_MIN), "i32.const -2147483648"},
      {WasmBytes().i64_const(INT64_MIN), "i64.const -9223372036854775808"},
      {WasmBytes().f32_const(0.1F), "f32.const 0.1"},
      {WasmBytes().f64_const(-0.0), "f64.const -0"},
      {WasmBytes().f64_const(-1.0 / 0.0), "f64.const -inf"},
      {WasmBytes().op(Op::f32_const).raw(WasmBytes{0, 0, 0xc0, 0x7f}.span()), "f32.const nan"},
      {WasmBytes().op(Op::f32_const).raw(WasmBytes{1, 0, 0x80, 0xff}.span()), "f32.const -nan:0x1"},
      {WasmBytes().op(Op::i32_trunc_sat_f32_s), "i32.trunc_sat_f32_s"},
      {WasmBytes().v128_const({0x2'0000'0001, 0xffff'ffff'0000'0003}),
       "v128.const i32x4 0x1 0x2 0x3 0xffffffff"},
      {WasmBytes().op(Op::i8x16_shuffle).v128({0x0706'0504'0302'0100, 0x1f1e'1d1c'1b1a'1918}),
       "i8x16.shuffle 0 1 2 3 4 5 6 7 24 25 26 27 28 29 30 31"},
      {WasmBytes().op(Op::i16x8_extract_lane_s).u8(7), "i16x8.extract_lane_s 7"},
      {WasmBytes().access(Op::v128_load, 16, 4), "v128.load offset=16"},
      {WasmBytes().access(Op::v128_load, 0, 0), "v128.load align=1"},
      {WasmBytes().access(Op::v128_load8x8_s, 0, 3), "v128.load8x8_s"},
      {WasmBytes().access(Op::v128_load32_lane, 4, 2).u8(3), "v128.load32_lane offset=4 3"},
      {WasmBytes().access(Op::v128_store8_lane, 0, 0).u8(15), "v128.store8_lane 15"},
      {WasmBytes().op(Op::i32x4_relaxed_trunc_f32x4_s), "i32x4.relaxed_trunc_f32x4_s"},
  };
  for (const auto& row : rows) EXPECT_EQ(listing(row.code), std::string(row.text) + "\nend\n");
}

TEST(Print, ABadByteEndsTheListingWithItsOffset) {
  EXPECT_EQ(listing(WasmBytes().op(Op::nop).u8(0xff)), "nop\nillegal opcode 0xff at offset 0x18");
}

TEST(Print, TypesAndLimits) {
  EXPECT_EQ(print(FuncType{}), "");
  EXPECT_EQ(print(FuncType{{ValType::i32, ValType::f64}, {ValType::i64}}),
            "(param i32 f64) (result i64)");
  EXPECT_EQ(print(Limits{.min = 3}), "3");
  EXPECT_EQ(print(Limits{.min = 3, .max = 4, .has_max = true}), "3 4");
}

TEST(Print, EveryInstructionOfASampleReadsToItsEnd) {
  const auto bytes = large_module();
  const auto module = decode_module(bytes);
  ASSERT_TRUE(module);
  for (const FuncBody& body : module->bodies) {
    InstructionPrinter printer(*module, body.code);
    std::string last;
    while (printer.next()) last = printer.text();
    ASSERT_TRUE(printer.result());
    EXPECT_EQ(last, "end");
    EXPECT_EQ(printer.offset() + 1, body.code.end());
    EXPECT_EQ(printer.depth(), 0U);
  }
}

}  // namespace
}  // namespace cordon::wasm
