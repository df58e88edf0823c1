// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// v128 where values go whatever their type is: locals, parameters and results in every order, drop
// and select, blocks and branches, globals, calls of the host and between instances; and accesses
// at the end of memory, in every engine. What instructions compute is in
// tests/core/interp/lanes_test.cc and tests/core/jit/vector_rows_test.cc.
#include <gtest/gtest.h>

#include <random>

#include "core/wasm/limits.h"
#include "tests/kit/compiling_world.h"
#include "tests/kit/engines.h"

namespace cordon {
namespace {

using testing::CompilingWorld;
using testing::Guest;
using testing::Locals;
using testing::ModuleBuilder;
using testing::Returned;
using testing::WasmBytes;
using wasm::ExternKind;
using wasm::FuncType;
using wasm::Op;
using wasm::V128;
using wasm::ValType;

constexpr ValType i32 = ValType::i32, i64 = ValType::i64, v128 = ValType::v128;

using Slots = std::vector<uint64_t>;

// Slots that say where they come from: value n is n in its low slot and 1000 + n in its high one.
V128 value(uint64_t n) { return {n, 1000 + n}; }
WasmBytes constant(ValType type, uint32_t n) {
  if (type == v128) return WasmBytes().v128_const(value(n));
  if (type == i64) return WasmBytes().i64_const(n);
  return WasmBytes().i32_const(static_cast<int32_t>(n));
}
void append(Slots& slots, ValType type, uint64_t n) {
  slots.push_back(n);
  if (type == v128) slots.push_back(1000 + n);
}

class VectorValues : public ::testing::TestWithParam<testing::EngineRow> {
 protected:
  static engine::Config config() { return {.engine = GetParam().engine}; }
  // One exported function "f".
  static Returned run(const FuncType& type, const WasmBytes& code, const Slots& args = {},
                      const std::vector<Locals>& locals = {}) {
    ModuleBuilder module;
    module.memory({.min = 1});
    module.export_("f", ExternKind::Func, module.func(type, code, locals));
    CompilingWorld world(config());
    return Guest(world, module).call("f", args);
  }
};

TEST_P(VectorValues, ParametersAndResultsInEveryOrder) {
  std::mt19937 random(1);
  constexpr ValType kTypes[] = {i32, i64, v128};
  for (int round = 0; round < 200; ++round) {
    FuncType type;
    Slots args, results;
    WasmBytes code;
    for (uint32_t i = 0, count = random() % 9; i < count; ++i) {
      type.params.push_back(kTypes[random() % 3]);
      append(args, type.params.back(), 10 + i);
    }
    for (uint32_t i = 0, count = type.params.empty() ? 0 : random() % 9; i < count; ++i) {
      const auto from = static_cast<uint32_t>(random() % type.params.size());
      type.results.push_back(type.params[from]);
      append(results, type.results.back(), 10 + from);
      code.local_get(from);
    }
    EXPECT_EQ(run(type, code, args).results, results) << round;
  }
}

// Declared locals are zero whatever the parameters left in their slots.
TEST_P(VectorValues, LocalsKeepWhatIsSetAndBeginAsZero) {
  std::mt19937 random(2);
  constexpr ValType kTypes[] = {i32, i64, v128};
  for (int round = 0; round < 200; ++round) {
    FuncType type;
    Slots args, results;
    std::vector<Locals> declared;
    std::vector<ValType> locals;
    for (uint32_t i = 0, count = random() % 6; i < count; ++i) {
      type.params.push_back(kTypes[random() % 3]);
      append(args, type.params.back(), 10 + i);
    }
    locals = type.params;
    for (uint32_t i = 0, count = 1 + random() % 6; i < count; ++i) {
      declared.push_back({1, kTypes[random() % 3]});
      locals.push_back(declared.back().type);
    }
    std::vector<bool> set(locals.size());
    WasmBytes code;
    for (uint32_t i = 0; i < 4; ++i) {
      const auto to = static_cast<uint32_t>(random() % locals.size());
      code.append(constant(locals[to], 50 + to));
      if (random() % 2 == 0) {
        code.local_set(to);
      } else {
        code.local_tee(to).op(Op::drop);
      }
      set[to] = true;
    }
    for (uint32_t i = 0; i < locals.size(); ++i) {
      type.results.push_back(locals[i]);
      code.local_get(i);
      if (set[i]) {
        append(results, locals[i], 50 + i);
      } else if (i < type.params.size()) {
        append(results, locals[i], 10 + i);
      } else {
        results.insert(results.end(), slots_of(locals[i]), 0);
      }
    }
    EXPECT_EQ(run(type, code, args, declared).results, results) << round;
  }
}

TEST_P(VectorValues, LocalsWithLongIndices) {
  WasmBytes code = constant(v128, 7).local_set(200).local_get(200).local_tee(130).op(Op::drop);
  code.local_get(130).local_get(199).local_get(0);
  EXPECT_EQ(run({{i32}, {v128, v128, i32}}, code, {5}, {{300, v128}}).results,
            (Slots{7, 1007, 0, 0, 5}));
}

// The condition, and how many values are in registers when the instruction is met.
TEST_P(VectorValues, SelectAndDrop) {
  for (const uint32_t condition : {0U, 1U, 0x8000'0000U}) {
    const WasmBytes both = constant(v128, 1).append(constant(v128, 2));
    const Slots expected = condition == 0 ? Slots{2, 1002} : Slots{1, 1001};
    for (const bool typed : {false, true}) {
      WasmBytes select =
          typed ? WasmBytes().op(Op::select_t).u32(1).type(v128) : WasmBytes().op(Op::select);
      const Slots args{condition};
      EXPECT_EQ(run({{i32}, {v128}}, WasmBytes(both).local_get(0).append(select), args).results,
                expected);
      EXPECT_EQ(run({{i32}, {v128}},
                    WasmBytes(both)
                        .local_get(0)
                        .op(Op::i32_eqz)
                        .append(select)
                        .append(constant(v128, 9))
                        .op(Op::drop),
                    args)
                    .results,
                (condition != 0 ? Slots{2, 1002} : Slots{1, 1001}));
    }
  }
  for (uint32_t under = 0; under < 4; ++under) {
    WasmBytes code = WasmBytes().repeat(under, WasmBytes().i64_const(3));
    code.append(constant(v128, 1)).op(Op::drop);
    const FuncType type{{}, std::vector<ValType>(under, i64)};
    EXPECT_EQ(run(type, code).results, Slots(under, 3));
  }
}

TEST_P(VectorValues, BranchesTakeThemAlongAndDropThem) {
  // br_if out of a block that holds vectors and numbers below, kept and fallen through.
  for (const uint32_t condition : {0U, 1U}) {
    WasmBytes code =
        constant(v128, 1).block(Op::block, v128).append(constant(v128, 2)).i32_const(3);
    code.append(constant(v128, 4)).local_get(0).br_if(0);
    code.op(Op::drop).op(Op::drop).end();
    EXPECT_EQ(run({{i32}, {v128, v128}}, code, {condition}).results,
              (condition != 0 ? Slots{1, 1001, 4, 1004} : Slots{1, 1001, 2, 1002}));
  }
  // A br_table of two depths, and an if with both parts.
  for (const uint32_t which : {0U, 1U, 2U}) {
    WasmBytes code = WasmBytes().block(Op::block, v128).block(Op::block, v128);
    code.append(constant(v128, 1)).append(constant(v128, 5)).local_get(0);
    code.op(Op::br_table).u32(1).u32(0).u32(1).end();
    code.op(Op::drop).append(constant(v128, 2)).end();
    EXPECT_EQ(run({{i32}, {v128}}, code, {which}).results,
              (which == 0 ? Slots{2, 1002} : Slots{5, 1005}));
    WasmBytes both = WasmBytes().local_get(0).block(Op::if_, v128).append(constant(v128, 6));
    both.op(Op::else_).append(constant(v128, 7)).end();
    EXPECT_EQ(run({{i32}, {v128}}, both, {which}).results,
              (which != 0 ? Slots{6, 1006} : Slots{7, 1007}));
  }
}

// A loop whose parameter is a vector: lanes count up to 1000.
TEST_P(VectorValues, GoRoundALoop) {
  ModuleBuilder module;
  const uint32_t block = module.type({{v128}, {v128}});
  WasmBytes code = WasmBytes().v128_const({}).block_of_type(Op::loop, block);
  code.v128_const({1, 3}).op(Op::i64x2_add).local_tee(0).local_get(0);
  code.op(Op::i64x2_extract_lane).u8(0).i64_const(1000).op(Op::i64_lt_u).br_if(0).end();
  module.export_("f", ExternKind::Func, module.func({{}, {v128}}, code, {{1, v128}}));
  CompilingWorld world(config());
  EXPECT_EQ(Guest(world, module).call("f").results, (Slots{1000, 3000}));
}

TEST_P(VectorValues, CallsPassThemDirectlyIndirectlyAndDeep) {
  ModuleBuilder module;
  const FuncType swap_type{{v128, i32, v128}, {v128, i32, v128}};
  const uint32_t type = module.type(swap_type);
  const uint32_t swap = module.func(swap_type, WasmBytes().local_get(2).local_get(1).local_get(0));
  module.table({ValType::funcref, {.min = 1}});
  module.elem(0, {swap});
  const WasmBytes get = WasmBytes().local_get(0).local_get(1).local_get(2);
  module.export_("direct", ExternKind::Func,
                 module.func(swap_type, WasmBytes(get).call(swap).call(swap).call(swap)));
  module.export_(
      "indirect", ExternKind::Func,
      module.func(swap_type, WasmBytes(get).i32_const(0).op(Op::call_indirect).u32(type).u32(0)));
  // sum(v, n) = n == 0 ? v : sum(v + v, n - 1) - v
  const FuncType sum_type{{v128, i32}, {v128}};
  const uint32_t sum = swap + 3;
  WasmBytes code = WasmBytes().local_get(1).op(Op::i32_eqz).block(Op::if_, v128).local_get(0);
  code.op(Op::else_).local_get(0).local_get(0).op(Op::i64x2_add).local_get(1).i32_const(1);
  code.op(Op::i32_sub).call(sum).local_get(0).op(Op::i64x2_sub).end();
  module.export_("sum", ExternKind::Func, module.func(sum_type, code));
  CompilingWorld world(config());
  const Guest guest(world, module);
  const Slots args{1, 1001, 5, 2, 1002}, swapped{2, 1002, 5, 1, 1001};
  EXPECT_EQ(guest.call("direct", args).results, swapped);
  EXPECT_EQ(guest.call("indirect", args).results, swapped);
  EXPECT_EQ(guest.call("sum", {3, 7, 40}).results, (Slots{3, 7}));
  EXPECT_EQ(guest.call("sum", {3, 7, 100'000'000}).trap, Trap::call_stack_exhausted);
}

// [S1] As many as a type may have, of the largest type: given back in another order, and to the end
// of the stack.
TEST_P(VectorValues, AThousandOfEach) {
  const std::vector<ValType> thousand(wasm::kMaxParams, v128);
  const FuncType type{thousand, thousand};
  WasmBytes straight, reversed;
  Slots args, expected;
  for (uint32_t i = 0; i < wasm::kMaxParams; ++i) {
    straight.local_get(i);
    reversed.local_get(wasm::kMaxParams - 1 - i);
    append(args, v128, i);
    append(expected, v128, wasm::kMaxParams - 1 - i);
  }
  ModuleBuilder module;
  const uint32_t reverse = module.func(type, reversed);
  module.export_("thrice", ExternKind::Func,
                 module.func(type, WasmBytes(straight).call(reverse).call(reverse).call(reverse)));
  const uint32_t forever = reverse + 2;
  module.export_("forever", ExternKind::Func, module.func(type, WasmBytes(straight).call(forever)));
  CompilingWorld world(config());
  const Guest guest(world, module);
  EXPECT_EQ(guest.call("thrice", args).results, expected);
  EXPECT_EQ(guest.call("forever", args).trap, Trap::call_stack_exhausted);
  EXPECT_EQ(guest.call("thrice", args).results, expected);
}

TEST_P(VectorValues, GlobalsOfTheModuleAndOfOthers) {
  ModuleBuilder owner;
  owner.global({v128, true}, constant(v128, 1));
  owner.global({i32, true}, WasmBytes().i32_const(4));
  owner.global({v128, false}, constant(v128, 2));
  owner.global({i64, true}, WasmBytes().i64_const(5));
  owner.export_("a", ExternKind::Global, 0).export_("b", ExternKind::Global, 2);
  WasmBytes swap = WasmBytes().op(Op::global_get).u32(0).op(Op::global_get).u32(2);
  swap.op(Op::global_set).u32(0);
  swap.op(Op::global_get).u32(1).op(Op::global_get).u32(3);
  owner.export_("swap", ExternKind::Func, owner.func({{}, {v128, i32, i64}}, swap));
  CompilingWorld world(config());
  const Guest guest(world, owner);
  world.linker.define_instance("owner", guest.instance());

  ModuleBuilder other;
  other.import_global("owner", "a", {v128, true});
  other.import_global("owner", "b", {v128, false});
  other.global({v128, false}, WasmBytes().op(Op::global_get).u32(1));
  WasmBytes read;
  for (uint32_t i = 0; i < 3; ++i) read.op(Op::global_get).u32(i);
  other.export_("read", ExternKind::Func, other.func({{}, {v128, v128, v128}}, read));
  other.export_("write", ExternKind::Func,
                other.func({{v128}, {}}, WasmBytes().local_get(0).op(Op::global_set).u32(0)));
  const Guest importer(world, other);
  EXPECT_EQ(importer.call("read").results, (Slots{1, 1001, 2, 1002, 2, 1002}));
  EXPECT_EQ(guest.call("swap").results, (Slots{1, 1001, 4, 5}));
  EXPECT_EQ(importer.call("read").results, (Slots{2, 1002, 2, 1002, 2, 1002}));
  importer.call("write", {8, 9});
  EXPECT_EQ(guest.call("swap").results, (Slots{8, 9, 4, 5}));
}

// The global of another module is reached by a call: what is in registers outlives it, in a frame
// with calls, in one without, and in one that has nothing but the vector.
TEST_P(VectorValues, AreKeptWhileAnImportedGlobalIsReached) {
  ModuleBuilder module;
  module.memory({.min = 1});
  module.import_global("host", "a", {v128, true});
  const WasmBytes get = WasmBytes().op(Op::global_get).u32(0);
  const WasmBytes set = WasmBytes().op(Op::global_set).u32(0);
  module.export_("get", ExternKind::Func, module.func({{}, {v128}}, get));
  module.export_("zero", ExternKind::Func,
                 module.func({{}, {}}, WasmBytes().v128_const({}).append(set)));
  // The sum of the old and the new value, which a store of 64 bits would not show.
  const FuncType type{{v128, i64}, {v128, i64}};
  WasmBytes sum = WasmBytes().append(get).local_get(0).append(set).append(get);
  const uint32_t leaf = module.func(type, WasmBytes(sum).op(Op::i64x2_add).local_get(1));
  module.export_("leaf", ExternKind::Func, leaf);
  WasmBytes caller = WasmBytes().local_get(0).append(get).local_get(0).local_get(1).call(leaf);
  caller.op(Op::drop).op(Op::i64x2_add).op(Op::i64x2_add).local_get(1);
  module.export_("caller", ExternKind::Func, module.func(type, caller));
  CompilingWorld world(config());
  world.linker.define("host", "a", world.store.add_global({v128, true}, V128{5, 50}));
  const Guest guest(world, module);
  EXPECT_EQ(guest.call("leaf", {7, 70, 3}).results, (Slots{12, 120, 3}));
  EXPECT_EQ(guest.call("get").results, (Slots{7, 70}));
  // 1 and 10, what it was, and the sum of both.
  EXPECT_EQ(guest.call("caller", {1, 10, 4}).results, (Slots{1 + 7 + 8, 10 + 70 + 80, 4}));
  guest.call("zero");
  EXPECT_EQ(guest.call("get").results, (Slots{0, 0}));
}

// The host gets and gives slots.
TEST_P(VectorValues, TheHostAndOtherInstancesTakeThem) {
  CompilingWorld world(config());
  const FuncType type{{i32, v128}, {v128, i32}};
  const auto host = [](void*, runtime::HostCall&, const uint64_t* args, uint64_t* results) {
    const uint64_t number = args[0], low = args[1], high = args[2];
    results[0] = high;
    results[1] = low;
    results[2] = number + 1 + (uint64_t{1} << 32);
    return Trap::none;
  };
  world.linker.define_func("env", "host", type, host, nullptr);
  ModuleBuilder inner;
  inner.import_func("env", "host", type);
  inner.export_("inner", ExternKind::Func,
                inner.func(type, WasmBytes().local_get(0).local_get(1).call(0)));
  const Guest first(world, inner);
  world.linker.define_instance("inner", first.instance());
  ModuleBuilder outer;
  outer.import_func("inner", "inner", type);
  outer.export_("outer", ExternKind::Func,
                outer.func(type, WasmBytes().local_get(0).local_get(1).call(0)));
  const Guest second(world, outer);
  EXPECT_EQ(second.call("outer", {5, 7, 9}).results, (Slots{9, 7, 6}));
  const engine::Outcome typed =
      world.call(second.instance(), "outer", {engine::Value::i32(1), engine::Value::v128({2, 3})});
  ASSERT_EQ(typed.results.size(), 2U);
  EXPECT_EQ(typed.results[0], engine::Value::v128({3, 2}));
  EXPECT_EQ(typed.results[1], engine::Value::i32(2));
}

// A body that is run from a copy still traps where the module has the instruction.
TEST_P(VectorValues, TrapsAreAtTheirOffsets) {
  ModuleBuilder module;
  module.memory({.min = 1});
  const WasmBytes divide = WasmBytes().op(Op::i32_div_u);
  WasmBytes code = WasmBytes().local_get(0).local_set(1).i32_const(1).i32_const(0).append(divide);
  module.export_("f", ExternKind::Func, module.func({{v128}, {i32}}, code, {{1, v128}}));
  CompilingWorld world(config());
  const Guest guest(world, module);
  const Returned back = guest.call("f", {1, 2});
  EXPECT_EQ(back.trap, Trap::integer_divide_by_zero);
  EXPECT_EQ(back.trap_offset, guest.offset_of(divide));
}

struct Access {
  const char* text;
  Op op;
  uint32_t width;
  bool is_store, has_lane;
};
constexpr Access kAccesses[] = {
#define VECTOR_LOAD(code, ident, text, memory, feature) \
  {text, Op::ident, sizeof(memory), false, false},
#define VECTOR_STORE(code, ident, text, memory, feature) \
  {text, Op::ident, sizeof(memory), true, false},
#define LANE_LOAD(code, ident, text, memory, feature) \
  {text, Op::ident, sizeof(memory), false, true},
#define LANE_STORE(code, ident, text, memory, feature) \
  {text, Op::ident, sizeof(memory), true, true},
#include "core/wasm/opcodes.def"
};

// Nothing beside the access is touched; one byte too far traps and changes nothing.
TEST_P(VectorValues, AccessesAtTheEndOfMemory) {
  constexpr uint32_t kEnd = 65536;
  for (const Access& access : kAccesses) {
    for (const uint32_t offset : {0U, 1U, 200U, 40'000U, 0xffff'ffffU}) {
      ModuleBuilder module;
      module.memory({.min = 1});
      WasmBytes instruction = WasmBytes().access(access.op, offset);
      if (access.has_lane) instruction.u8(0);
      WasmBytes code = WasmBytes().local_get(0);
      if (access.is_store || access.has_lane) code.v128_const({~uint64_t{0}, ~uint64_t{0}});
      code.append(instruction);
      const FuncType type{{i32}, access.is_store ? std::vector<ValType>{} : std::vector{v128}};
      module.export_("f", ExternKind::Func, module.func(type, code));
      CompilingWorld world(config());
      const Guest guest(world, module);
      uint8_t* const memory = guest.instance().memory0()->base();
      const int64_t last = int64_t{kEnd} - access.width - offset;
      if (last >= 0) {
        EXPECT_EQ(guest.call("f", {static_cast<uint64_t>(last)}).trap, Trap::none) << access.text;
        EXPECT_EQ(memory[kEnd - access.width - 1], 0) << access.text;
        EXPECT_EQ(memory[kEnd - 1], access.is_store ? 255 : 0) << access.text;
        EXPECT_EQ(memory[kEnd - access.width], access.is_store ? 255 : 0) << access.text;
      }
      std::fill_n(memory, kEnd, uint8_t{0});
      for (const int64_t beyond : {last + 1, last + access.width, int64_t{0xffff'ffff}}) {
        if (beyond < 0) continue;
        const Returned back = guest.call("f", {static_cast<uint64_t>(beyond)});
        EXPECT_EQ(back.trap, Trap::out_of_bounds_memory_access) << access.text << beyond;
        EXPECT_EQ(back.trap_offset, guest.offset_of(instruction)) << access.text;
      }
      EXPECT_EQ(std::count(memory, memory + kEnd, 0), kEnd) << access.text;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, VectorValues, ::testing::ValuesIn(testing::kEngines),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace cordon
