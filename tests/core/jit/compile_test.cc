// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Whole modules through the JIT: the same bytes from any number of threads, functions at every
// limit, memory at its edges, fuel and traps where the interpreter has them. All code passes the
// verifier on its way (compile_module.h).
#include "core/jit/code/compile.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "core/wasm/limits.h"
#include "tests/core/jit/compile_module.h"
#include "tests/kit/compiling_world.h"
#include "tests/kit/environment.h"
#include "tests/kit/module_builder.h"

namespace cordon::testing {
namespace {

using enum wasm::Op;
using engine::Engine;
using wasm::ExternKind;
using wasm::FuncType;
using wasm::ValType;

constexpr ValType kI = ValType::i32, kL = ValType::i64;

WasmBytes b() { return {}; }

// Some arithmetic in a loop, different for each `seed`, with a call of the function before.
WasmBytes busy(uint32_t seed, uint32_t callee) {
  WasmBytes code;
  for (uint32_t i = 0; i < 20; ++i) {
    code.local_get(i % 2)
        .i32_const(static_cast<int32_t>(seed * 31 + i))
        .op(i % 3 == 0 ? i32_mul : i32_xor);
    code.local_set((i + 1) % 2);
  }
  code.f64_const(seed).op(drop);
  return code.local_get(0).local_get(1).call(callee);
}

std::vector<uint8_t> many_functions(uint32_t count) {
  ModuleBuilder module;
  const FuncType type{{kI, kI}, {kI}};
  module.func(type, b().local_get(0).local_get(1).op(i32_add));
  for (uint32_t i = 1; i < count; ++i) module.func(type, busy(i, i - 1));
  return module.build();
}

TEST(JitCompile, GivesTheSameBytesWhateverTheThreads) {
  const std::vector<uint8_t> module = many_functions(4000);
  const std::vector<uint8_t> one = compile_module(module, all_features(), 1).bytes();
  for (unsigned threads : {2, 3, 8}) {
    EXPECT_EQ(compile_module(module, all_features(), threads).bytes(), one) << threads;
  }
}

TEST(JitCompile, TakesAModuleWithoutFunctions) {
  EXPECT_TRUE(compile_module(ModuleBuilder().build(), all_features()).blob().funcs.empty());
}

// [E1] [S1] At each limit of limits.h there is code, it is verified, and it gives what the
// interpreter gives.
void expect_as_interpreted(const ModuleBuilder& module, const std::vector<uint64_t>& args) {
  const std::vector<uint8_t> bytes = module.build();
  LoneGuest jit(bytes, Engine::Jit), interp(bytes, Engine::Interp);
  EXPECT_EQ(jit.call("f", args), interp.call("f", args));
}

TEST(JitLimits, ThousandParametersAndResults) {
  ModuleBuilder module;
  FuncType type;
  WasmBytes swap, pass;
  for (uint32_t i = 0; i < wasm::kMaxParams; ++i) {
    constexpr ValType kTypes[] = {ValType::i32, ValType::f64, ValType::i64, ValType::f32};
    type.params.push_back(kTypes[i % 4]);
    type.results.push_back(kTypes[i % 4]);
  }
  for (uint32_t i = 0; i < wasm::kMaxParams; ++i) {
    swap.local_get((i + 4) % wasm::kMaxParams);
    pass.local_get(i);
  }
  const uint32_t callee = module.func(type, swap);
  module.export_("f", ExternKind::Func, module.func(type, pass.call(callee)));
  std::vector<uint64_t> args;
  for (uint64_t i = 0; i < wasm::kMaxParams; ++i) args.push_back(i * 0x0101'0101 % 0x7FFF'FFFF);
  expect_as_interpreted(module, args);
}

TEST(JitLimits, FiftyThousandLocalsThatAreUsed) {
  ModuleBuilder module;
  WasmBytes code;
  const uint32_t last = wasm::kMaxLocals - 1;
  for (uint32_t i = 1; i <= last; ++i) code.local_get(i - 1).i32_const(1).op(i32_add).local_set(i);
  module.export_("f", ExternKind::Func,
                 module.func({{kI}, {kI}}, code.local_get(last), {{last, kI}}));
  expect_as_interpreted(module, {5});
}

TEST(JitLimits, ManyLocalsThatNobodyUsesCostNothing) {
  ModuleBuilder module;
  for (int i = 0; i < 1000; ++i) module.func({}, b(), {{wasm::kMaxLocals, kL}});
  const Compiled compiled = compile_module(module.build(), all_features());
  EXPECT_LT(compiled.blob().code.size(), 64'000u);
}

TEST(JitLimits, LargestBrTable) {
  ModuleBuilder module;
  WasmBytes code;
  code.block(block).block(block).block(block).local_get(0).op(br_table).u32(wasm::kMaxBrTableSize);
  for (uint32_t i = 0; i < wasm::kMaxBrTableSize; ++i) code.u32(i % 3);
  code.u32(2).end().i32_const(1).op(return_).end().i32_const(2).op(return_).end().i32_const(3);
  module.export_("f", ExternKind::Func, module.func({{kI}, {kI}}, code));
  const std::vector<uint8_t> bytes = module.build();
  LoneGuest jit(bytes, Engine::Jit);
  for (const uint32_t index : {0u, 1u, 2u, 65'519u, 65'520u, 0x8000'0000u, 0xFFFF'FFFFu}) {
    const uint64_t expected = index < wasm::kMaxBrTableSize ? index % 3 + 1 : 3;
    EXPECT_EQ(jit.call("f", {index}).results, std::vector<uint64_t>{expected}) << index;
  }
}

TEST(JitLimits, BrTableWithValues) {
  ModuleBuilder module;
  const uint32_t pair = module.type({{}, {kI, kL}});
  WasmBytes code;
  code.i32_const(100).block_of_type(block, pair).i32_const(50).op(drop);
  code.block_of_type(block, pair).i32_const(7).i64_const(9).local_get(0);
  code.op(br_table).u32(2).u32(0).u32(1).u32(0).end();
  code.op(drop).op(drop).i32_const(1).i64_const(2).end();
  code.op(i32_wrap_i64).op(i32_add).op(i32_add);
  module.export_("f", ExternKind::Func, module.func({{kI}, {kI}}, code));
  for (uint64_t index = 0; index < 4; ++index) expect_as_interpreted(module, {index});
}

TEST(JitLimits, DeepestNesting) {
  ModuleBuilder module;
  WasmBytes code;
  const uint32_t depth = wasm::kMaxNesting - 1;
  code.repeat(depth, b().block(block)).local_get(0).br_if(depth - 1).repeat(depth, b().end());
  module.export_("f", ExternKind::Func, module.func({{kI}, {kI}}, code.local_get(0)));
  expect_as_interpreted(module, {1});
}

TEST(JitLimits, NestedLoopsAndIfs) {
  ModuleBuilder module;
  WasmBytes code;
  constexpr uint32_t kDepth = 3000;
  for (uint32_t i = 0; i < kDepth; ++i) code.block(loop).local_get(0).block(if_);
  code.local_get(0).i32_const(1).op(i32_sub).local_set(0);
  code.repeat(2 * kDepth, b().end());
  module.export_("f", ExternKind::Func, module.func({{kI}, {kI}}, code.local_get(0)));
  expect_as_interpreted(module, {5});
}

TEST(JitLimits, HighestOperandStack) {
  ModuleBuilder module;
  WasmBytes code;
  const uint32_t height = wasm::kMaxOperands - 4;
  code.repeat(height, b().local_get(0)).repeat(height - 1, b().op(i32_add));
  module.export_("f", ExternKind::Func, module.func({{kI}, {kI}}, code));
  const std::vector<uint8_t> bytes = module.build();
  LoneGuest jit(bytes, Engine::Jit);
  EXPECT_EQ(jit.call("f", {3}).results[0], uint64_t{3} * height);
}

TEST(JitLimits, DeepRecursionTraps) {
  ModuleBuilder module;
  const uint32_t self =
      module.func({{kI}, {kI}}, b().local_get(0).call(0).i32_const(1).op(i32_add));
  module.export_("f", ExternKind::Func, self);
  expect_as_interpreted(module, {1});  // [D1] the trap is at the callee's first instruction
}

// Eight parameters that take the registers of locals, and local 8, which lives in its home and is
// remembered by the temporary that it was last in.
WasmBytes with_all_locals_pinned(const WasmBytes& rest) {
  WasmBytes code;
  for (uint32_t i = 0; i < 8; ++i) {
    code.repeat(8, b().local_get(i).local_get(0).op(i32_add).local_set(i));
  }
  return code.append(rest);
}

void expect_address_kept(const WasmBytes& rest) {
  ModuleBuilder module;
  module.memory({1, 1, true});
  module.export_(
      "f", ExternKind::Func,
      module.func({std::vector<ValType>(8, kI), {kI}}, with_all_locals_pinned(rest), {{1, kI}}));
  expect_as_interpreted(module, std::vector<uint64_t>(8, 3));
}

// A load that is the right operand of a constant changes places with it, and is then loaded into a
// register: not into that of its address, if a local is remembered there or an operand lives there.
TEST(JitOperands, ALoadLeavesTheRegisterOfItsAddressToOthers) {
  const WasmBytes address = b().local_get(1).i32_const(3).op(i32_shl);
  const WasmBytes load = b().i32_const(5).local_get(8).access(i32_load, 16);
  const WasmBytes again = b().local_get(8).i32_const(1).op(i32_add);
  const WasmBytes set = b().append(address).local_set(8).append(load);
  expect_address_kept(b().append(set).op(i32_eq).op(drop).append(again));
  expect_address_kept(b().append(set).op(i32_mul).local_set(0).append(again));
  expect_address_kept(b().append(address).local_tee(8).append(load).op(i32_eq).local_set(2));
}

// [D1] What a run costs, and where it ends when fuel does.
TEST(JitFuel, EndsWhereTheInterpreterEnds) {
  ModuleBuilder module;
  const uint32_t leaf = module.func({{kI}, {kI}}, b().local_get(0).i32_const(1).op(i32_sub));
  WasmBytes code;
  code.block(loop).local_get(0).block(if_).local_get(0).call(leaf).local_set(0);
  code.block(loop).local_get(1).i32_const(1).op(i32_add).local_tee(1).i32_const(3).op(i32_and);
  code.br_if(0).end().br(1).end().end().local_get(1);
  module.export_("f", ExternKind::Func, module.func({{kI}, {kI}}, code, {{1, kI}}));
  const std::vector<uint8_t> bytes = module.build();
  for (int64_t fuel = 0; fuel < 200; fuel += 3) {
    LoneGuest jit(bytes, Engine::Jit, {}, fuel);
    LoneGuest interp(bytes, Engine::Interp, {}, fuel);
    EXPECT_EQ(jit.call("f", {5}), interp.call("f", {5})) << fuel;
  }
}

// Memory at its edges [M1]: each access, each offset, each way the index comes to be, as the
// interpreter has it.

struct Access {
  const char* name;
  wasm::Op op;
  ValType type;
  bool store;
};
const Access kAccesses[] = {
#define LOAD(code, ident, text, type, memory, feature) {#ident, ident, ValType::type, false},
#define STORE(code, ident, text, type, memory, feature) {#ident, ident, ValType::type, true},
#define OP(code, ident, text, imm, feature, kind, effect)
#include "core/wasm/opcodes.def"
};

WasmBytes value_of(ValType type) {
  switch (type) {
    case ValType::i32: return b().i32_const(0x1234'5678);
    case ValType::i64: return b().i64_const(0x1234'5678'9ABC'DEF0);
    case ValType::f32: return b().f32_const(1.5f);
    default: return b().f64_const(2.5);
  }
}

// The index of function f is parameter 0, an i64 whose low half counts.
enum class Index { Wrapped, Spilled, CallResult, FromMemory, BehindGrow, Sum };
constexpr Index kIndices[] = {Index::Wrapped,    Index::Spilled,    Index::CallResult,
                              Index::FromMemory, Index::BehindGrow, Index::Sum};

WasmBytes index_code(Index how) {
  WasmBytes wrap = b().local_get(0).op(i32_wrap_i64);
  switch (how) {
    case Index::Wrapped: return wrap;
    case Index::Spilled: return wrap.call(0).op(drop);
    case Index::CallResult: return wrap.call(1);
    case Index::FromMemory:
      return b().i32_const(0).append(wrap).access(i32_store).i32_const(0).access(i32_load);
    case Index::BehindGrow: return wrap.i32_const(0).op(memory_grow).u8(0).op(drop);
    case Index::Sum: return wrap.i32_const(-8).op(i32_add).i32_const(8).op(i32_add);
  }
  return wrap;
}

TEST(JitMemory, EdgesAreTheInterpreters) {
  constexpr uint32_t kOffsets[] = {0, 1, 0x7FFF'FFFF, 0x8000'0000, 0xFFFF'FFFF};
  constexpr uint64_t kEnd = 65536;
  for (const Index how : kIndices) {
    ModuleBuilder module;
    module.memory({1, 1, true});
    module.func({{}, {kI}}, b().i32_const(1));
    module.func({{kI}, {kI}}, b().local_get(0));
    for (const Access& access : kAccesses) {
      for (const uint32_t offset : kOffsets) {
        WasmBytes code = index_code(how);
        if (access.store) code.append(value_of(access.type));
        code.access(access.op, offset);
        FuncType type{{kL}, {}};
        if (!access.store) type.results.push_back(access.type);
        module.export_(std::string(access.name) + std::to_string(offset), ExternKind::Func,
                       module.func(type, code));
      }
    }
    const std::vector<uint8_t> bytes = module.build();
    LoneGuest jit(bytes, Engine::Jit), interp(bytes, Engine::Interp);
    for (const Access& access : kAccesses) {
      for (const uint32_t offset : kOffsets) {
        const std::string name = access.name + std::to_string(offset);
        std::vector<uint64_t> indices = {0, 0xFFFF'FFFF, 0xFFFF'FFFF'0000'0000, 0x8000'0000};
        for (int64_t near = -16; near <= 16; ++near) {
          indices.push_back(static_cast<uint32_t>(kEnd + static_cast<uint64_t>(near) - offset));
          indices.push_back(0xABCD'0000'0000'0000 | (kEnd + static_cast<uint64_t>(near)));
        }
        for (const uint64_t index : indices) {
          ASSERT_EQ(jit.call(name, {index}), interp.call(name, {index}))
              << name << " at " << index << ", index " << static_cast<int>(how);
        }
      }
    }
  }
}

using JitPython = NeedsPython;
TEST_F(JitPython, CompilesAndIsVerified) {
  std::ifstream in(python(), std::ios::binary);
  std::vector<uint8_t> bytes{std::istreambuf_iterator<char>(in), {}};
  const Compiled compiled = compile_module(std::move(bytes), all_features(), 2);
  EXPECT_GT(compiled.blob().funcs.size(), 5000u);
}

}  // namespace
}  // namespace cordon::testing
