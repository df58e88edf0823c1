// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every PURE instruction in the interpreter against the vectors, met with none, one and all of its
// operands in registers, and every comparison in front of a br_if too.
#include "tests/vectors/vectors.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "core/wasm/semantics.h"
#include "core/wasm/signature.h"
#include "tests/kit/world.h"

namespace cordon::interp {
namespace {

using testing::Got;
using testing::Guest;
using testing::ModuleBuilder;
using testing::Returned;
using testing::Vector;
using testing::WasmBytes;
using testing::World;
using wasm::Op;
using wasm::ValType;

ValType type_of(char letter) {
  switch (letter) {
    case 'i': return ValType::i32;
    case 'l': return ValType::i64;
    case 'f': return ValType::f32;
    default: return ValType::f64;
  }
}

wasm::FuncType type_of(std::string_view signature) {
  const size_t colon = signature.find(':');
  wasm::FuncType type;
  for (char letter : signature.substr(0, colon)) type.params.push_back(type_of(letter));
  for (char letter : signature.substr(colon + 1)) type.results.push_back(type_of(letter));
  return type;
}

bool is_comparison(Op op) { return op >= Op::i32_eqz && op <= Op::f64_ge; }

// Where the operands are when the instruction is reached. A call leaves all operands in memory.
enum class Placed { InRegisters, LastInRegister, InMemory };
constexpr Placed kPlaces[] = {Placed::InRegisters, Placed::LastInRegister, Placed::InMemory};

std::string name_of(std::string_view op, Placed placed, bool branch) {
  return std::string(op) + std::to_string(static_cast<int>(placed)) + (branch ? "?" : "");
}

class Vectors : public ::testing::Test {
 protected:
  static WasmBytes operands(const wasm::FuncType& type, Placed placed, uint32_t nothing) {
    const auto count = static_cast<uint32_t>(type.params.size());
    WasmBytes code;
    for (uint32_t i = 0; i < count; ++i) {
      if (placed == Placed::LastInRegister && i + 1 == count) code.call(nothing);
      code.local_get(i);
    }
    if (placed == Placed::InMemory) code.call(nothing);
    return code;
  }

  // The instruction; for a comparison one followed by a br_if: 1 if it was taken, else 0.
  static void add(ModuleBuilder& module, Op op, std::string_view name, const wasm::FuncType& type,
                  Placed placed, uint32_t nothing) {
    WasmBytes plain = operands(type, placed, nothing);
    module.export_(name_of(name, placed, false), wasm::ExternKind::Func,
                   module.func(type, plain.op(op)));
    if (!is_comparison(op)) return;
    WasmBytes branch;
    branch.block(Op::block).append(operands(type, placed, nothing)).op(op).br_if(0);
    branch.i32_const(0).op(Op::return_).end().i32_const(1);
    module.export_(name_of(name, placed, true), wasm::ExternKind::Func, module.func(type, branch));
  }

  static ModuleBuilder all() {
    ModuleBuilder module;
    const uint32_t nothing = module.func({}, WasmBytes());
    for (Placed placed : kPlaces) {
#define PURE(code, ident, text, sig, feature, kind, effect) \
  add(module, Op::ident, #ident, type_of(sig), placed, nothing);
#include "core/wasm/opcodes.def"
    }
    return module;
  }
};

TEST_F(Vectors, HoldWhereverTheOperandsAre) {
  World world;
  const Guest guest(world, all());
  for (const Vector& vector : testing::vectors()) {
    const std::vector<uint64_t> args(vector.operands, vector.operands + vector.count);
    for (Placed placed : kPlaces) {
      const Returned back = guest.call(name_of(vector.name, placed, false), args);
      const Got got{back.trap, back.results.empty() ? 0 : back.results[0]};
      EXPECT_TRUE(matches(vector, got))
          << vector << ", got " << got << ", placed " << static_cast<int>(placed);
    }
  }
}

TEST_F(Vectors, ComparisonsDecideABranch) {
  World world;
  const Guest guest(world, all());
  unsigned seen = 0;
  for (const Vector& vector : testing::vectors()) {
    if (!is_comparison(vector.op)) continue;
    const std::vector<uint64_t> args(vector.operands, vector.operands + vector.count);
    for (Placed placed : kPlaces) {
      const Returned back = guest.call(name_of(vector.name, placed, true), args);
      ASSERT_EQ(back.results.size(), 1u);
      EXPECT_EQ(back.results[0], vector.expected.bits) << vector;
      ++seen;
    }
  }
  EXPECT_GT(seen, 1000u);
}

}  // namespace
}  // namespace cordon::interp
