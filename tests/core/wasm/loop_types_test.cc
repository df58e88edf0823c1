// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/wasm/loop_types.h"

#include <gtest/gtest.h>

#include "tests/kit/module_builder.h"

namespace cordon::wasm {
namespace {

using testing::ModuleBuilder;
using testing::WasmBytes;

constexpr ValType kI = ValType::i32, kL = ValType::i64, kD = ValType::f64, kV = ValType::v128,
                  kF = ValType::funcref, kX = ValType::externref;
using Types = std::vector<ValType>;

// The types at the n-th loop of the only function, or nothing.
std::optional<LoopTypes> at_loop(const FuncType& type, const WasmBytes& code,
                                 const std::vector<testing::Locals>& locals, unsigned n,
                                 int32_t besides = 0) {
  ModuleBuilder module;
  module.type({{kV, kI}, {}});
  module.import_func("m", "f", {{}, {}});
  module.func({{}, {}}, {});
  module.func(type, code, locals);
  const std::vector<uint8_t> bytes = module.build();
  auto validated = validate_module(*decode_module(bytes));
  EXPECT_TRUE(validated) << validated.error().message();
  const ByteRange body = (*validated)->module().bodies[1].code;
  uint32_t at = body.offset;
  for (; at < body.end(); ++at) {
    if (bytes[at] == static_cast<uint8_t>(Op::loop) && n-- == 0) break;
  }
  return types_at_loop(**validated, 1, at + static_cast<uint32_t>(besides));
}

TEST(LoopTypes, LocalsAndNothingElse) {
  const WasmBytes code = WasmBytes().block(Op::loop).end();
  const auto found = at_loop({{kL, kV}, {}}, code, {{2, kF}, {1, kD}}, 0);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->locals, (Types{kL, kV, kF, kF, kD}));
  EXPECT_TRUE(found->operands.empty());
}

// Operands are those of all blocks around, and the loop's own parameters last; a vector is one
// value.
TEST(LoopTypes, OperandsFromTheBottom) {
  WasmBytes code = WasmBytes().i32_const(1).local_get(0).block(Op::block).f64_const(2);
  code.local_get(1).local_get(0).i32_const(9).block_of_type(Op::loop, 0).op(Op::drop);
  code.block(Op::loop).end().op(Op::drop).end().op(Op::drop).op(Op::drop).end();
  code.op(Op::drop).op(Op::drop);
  const FuncType type{{kV, kX}, {}};
  EXPECT_EQ(at_loop(type, code, {}, 0)->operands, (Types{kI, kV, kD, kX, kV, kI}));
  EXPECT_EQ(at_loop(type, code, {}, 1)->operands, (Types{kI, kV, kD, kX, kV}));
}

TEST(LoopTypes, NothingElsewhere) {
  const WasmBytes code = WasmBytes().op(Op::nop).block(Op::loop).end();
  EXPECT_TRUE(at_loop({{}, {}}, code, {}, 0));
  EXPECT_FALSE(at_loop({{}, {}}, code, {}, 0, -1));
  EXPECT_FALSE(at_loop({{}, {}}, code, {}, 0, 1));
  EXPECT_FALSE(at_loop({{}, {}}, code, {}, 9));
}

TEST(LoopTypes, NothingWhereControlNeverIs) {
  const WasmBytes code = WasmBytes().op(Op::unreachable).block(Op::loop).end();
  EXPECT_FALSE(at_loop({{}, {}}, code, {}, 0));
}

}  // namespace
}  // namespace cordon::wasm
