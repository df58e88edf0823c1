// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every PURE instruction in compiled code against the vectors, with operands wherever the compiler
// may find them: pinned locals, temporaries, slots after a call, linear memory; its result used by
// a branch, a select, a local or not at once; with the processor's features and without.
#include "tests/vectors/vectors.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/core/jit/compile_module.h"
#include "tests/kit/compiling_world.h"
#include "tests/kit/module_builder.h"

namespace cordon::testing {
namespace {

using wasm::Op;
using wasm::ValType;

constexpr bool is_comparison(Op op) { return op >= Op::i32_eqz && op <= Op::f64_ge; }

enum class Placed { Locals, Copies, Slots, RightInMemory, LeftInMemory, Cold };
constexpr Placed kPlaces[] = {Placed::Locals,        Placed::Copies,       Placed::Slots,
                              Placed::RightInMemory, Placed::LeftInMemory, Placed::Cold};
enum class Used { Returned, ToLocal, Branch, Select, OverOperand };
constexpr Used kUses[] = {Used::Returned, Used::ToLocal, Used::Branch, Used::Select,
                          Used::OverOperand};

Op load_of(ValType type) {
  switch (type) {
    case ValType::i32: return Op::i32_load;
    case ValType::i64: return Op::i64_load;
    case ValType::f32: return Op::f32_load;
    default: return Op::f64_load;
  }
}
Op store_of(ValType type) {
  switch (type) {
    case ValType::i32: return Op::i32_store;
    case ValType::i64: return Op::i64_store;
    case ValType::f32: return Op::f32_store;
    default: return Op::f64_store;
  }
}
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

// Locals after the parameters: the result; then many that make the others cold.
constexpr uint32_t kBusyLocals = 24;

WasmBytes operands(const wasm::FuncType& type, Placed placed) {
  const auto count = static_cast<uint32_t>(type.params.size());
  WasmBytes code;
  const auto memory = [&](uint32_t i) {
    code.i32_const(0).local_get(i).access(store_of(type.params[i]), 8 * i);
  };
  for (uint32_t i = 0; i < count; ++i) memory(i);
  for (uint32_t i = 0; i < count; ++i) {
    const bool last = i + 1 == count;
    if ((placed == Placed::RightInMemory && last) || (placed == Placed::LeftInMemory && !last)) {
      code.local_get(count + 1).access(load_of(type.params[i]), 8 * i);
    } else if (placed == Placed::Copies) {
      code.i32_const(0).access(load_of(type.params[i]), 8 * i).block(Op::block).end();
      code.local_get(count + 1).local_tee(count + 1).op(Op::drop);
    } else {
      code.local_get(i);
    }
  }
  if (placed == Placed::Slots) code.call(0);
  return code;
}

class JitVectors : public ::testing::TestWithParam<bool> {
 protected:
  static std::string name_of(std::string_view op, Placed placed, Used used) {
    return std::string(op) + std::to_string(static_cast<int>(placed)) +
           std::to_string(static_cast<int>(used));
  }

  static void add(ModuleBuilder& module, Op op, std::string_view name, const wasm::FuncType& type,
                  Placed placed, Used used) {
    const ValType result = type.results[0];
    const auto count = static_cast<uint32_t>(type.params.size());
    std::vector<Locals> locals{{1, result}, {1, ValType::i32}};
    WasmBytes body;
    if (placed == Placed::Cold) {
      // Others are hotter than the operands, which so stay in their homes.
      for (const ValType busy : {ValType::i64, ValType::f64}) {
        locals.push_back({kBusyLocals, busy});
      }
      for (uint32_t i = 0; i < 2 * kBusyLocals; ++i) {
        for (int times = 0; times < 8; ++times) body.local_get(count + 2 + i).op(Op::drop);
      }
    }
    body.append(operands(type, placed)).op(op);
    switch (used) {
      case Used::Returned: break;
      case Used::ToLocal: body.local_set(count).call(0).local_get(count); break;
      case Used::Branch: {
        WasmBytes branch;
        branch.block(Op::block).append(body).br_if(0);
        body = branch.i32_const(0).op(Op::return_).end().i32_const(1);
        break;
      }
      case Used::Select: {
        WasmBytes choice;
        choice.i32_const(1).i32_const(0).append(body).op(Op::select);
        body = choice;
        break;
      }
      case Used::OverOperand:
        if (type.params[0] != result) return;
        // The result goes where the first operand still is.
        body.local_set(0).local_get(0);
        break;
    }
    module.export_(name_of(name, placed, used), wasm::ExternKind::Func,
                   module.func(type, body, locals));
  }

  static std::vector<uint8_t> module_of(Placed placed, Used used) {
    ModuleBuilder module;
    module.memory({1, 1, true});
    module.func({}, WasmBytes());
#define PURE(code, ident, text, sig, feature, kind, effect)                       \
  if ((used != Used::Branch && used != Used::Select) || is_comparison(Op::ident)) \
    add(module, Op::ident, #ident, type_of(std::string_view(sig)), placed, used);
#include "core/wasm/opcodes.def"
    return module.build();
  }
};

TEST_P(JitVectors, HoldWhereverOperandsAreAndResultsGo) {
  for (const Placed placed : kPlaces) {
    for (const Used used : kUses) {
      const std::vector<uint8_t> bytes = module_of(placed, used);
      const LoneGuest guest(bytes, engine::Engine::Jit,
                            {.target = GetParam() ? abi::detect_target() : no_features()});
      for (const Vector& vector : vectors()) {
        if ((used == Used::Branch || used == Used::Select) && !is_comparison(vector.op)) continue;
        const std::string name = name_of(vector.name, placed, used);
        if (used == Used::OverOperand && !guest.has(name)) continue;
        const Returned back = guest.call(name, {vector.operands, vector.operands + vector.count});
        const Got got{back.trap, back.results.empty() ? 0 : back.results[0]};
        ASSERT_TRUE(matches(vector, got))
            << vector << ", got " << got << ", placed " << static_cast<int>(placed) << ", used "
            << static_cast<int>(used);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Features, JitVectors, ::testing::Bool(),
                         [](const auto& which) { return which.param ? "Own" : "None"; });

WasmBytes constant(ValType type, uint64_t slot) {
  WasmBytes code;
  switch (type) {
    case ValType::i32: return code.i32_const(static_cast<int32_t>(static_cast<uint32_t>(slot)));
    case ValType::i64: return code.i64_const(static_cast<int64_t>(slot));
    default: break;
  }
  const unsigned bytes = type == ValType::f32 ? 4 : 8;
  code.op(type == ValType::f32 ? Op::f32_const : Op::f64_const);
  for (unsigned i = 0; i < bytes; ++i) code.u8(static_cast<uint8_t>(slot >> (8 * i)));
  return code;
}

// Both operands constants, or the right, or the left one: folding, immediates, strength.
TEST(JitVectorsOfConstants, Hold) {
  std::map<Op, wasm::FuncType> types;
#define PURE(code, ident, text, sig, feature, kind, effect) \
  types[Op::ident] = type_of(std::string_view(sig));
#include "core/wasm/opcodes.def"
  ModuleBuilder module;
  const std::span<const Vector> all = vectors();
  for (size_t i = 0; i < all.size(); ++i) {
    const wasm::FuncType& type = types.at(all[i].op);
    for (unsigned constants = 1; constants < 1u << all[i].count; ++constants) {
      WasmBytes code;
      for (uint32_t k = 0; k < all[i].count; ++k) {
        if ((constants >> k & 1) != 0) {
          code.append(constant(type.params[k], all[i].operands[k]));
        } else {
          code.local_get(k);
        }
      }
      module.export_(std::to_string(i) + "/" + std::to_string(constants), wasm::ExternKind::Func,
                     module.func(type, code.op(all[i].op)));
    }
  }
  const std::vector<uint8_t> bytes = module.build();
  const LoneGuest guest(bytes, engine::Engine::Jit);
  for (size_t i = 0; i < all.size(); ++i) {
    for (unsigned constants = 1; constants < 1u << all[i].count; ++constants) {
      const Returned back = guest.call(std::to_string(i) + "/" + std::to_string(constants),
                                       {all[i].operands, all[i].operands + all[i].count});
      const Got got{back.trap, back.results.empty() ? 0 : back.results[0]};
      EXPECT_TRUE(matches(all[i], got)) << all[i] << ", got " << got << ", constants " << constants;
    }
  }
}

}  // namespace
}  // namespace cordon::testing
