// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The oracle must see each thing that [D1] names: an observation with one of them changed differs.
#include "fuzz/oracle/observation.h"

#include <gtest/gtest.h>

#include <functional>

#include "core/wasm/op.h"
#include "fuzz/oracle/observe.h"
#include "tests/kit/engines.h"
#include "tests/kit/module_builder.h"

namespace cordon::fuzz {
namespace {

using testing::ModuleBuilder;
using testing::WasmBytes;
using wasm::ExternKind;
using wasm::Op;
using wasm::ValType;

Observation sample() {
  Observation seen;
  seen.calls.push_back({"f", Trap::none, {{ValType::i32, 7}, {ValType::f32, 0x7fc00000}}, {}, 10});
  seen.calls.push_back({"g", Trap::unreachable, {}, {{3, 0x40}, {2, 0x30}}, 5});
  seen.host_calls.push_back({"peek", {{ValType::i64, 1}}});
  seen.memories.push_back({1, 0x1234});
  seen.globals.push_back({ValType::f64, 0});
  seen.tables.push_back({{ValType::funcref, 0}, {ValType::funcref, 2}});
  return seen;
}

TEST(Observation, EqualOnesDoNotDiffer) {
  EXPECT_EQ(first_difference(sample(), sample()), std::nullopt);
}

TEST(Observation, NansOfAnyPayloadAreTheSame) {
  Observation other = sample();
  other.calls[0].results[1].bits = 0xffc12345;
  EXPECT_EQ(first_difference(sample(), other), std::nullopt);
  other.calls[0].results[1].bits = 0x7f800000;
  EXPECT_NE(first_difference(sample(), other), std::nullopt);
  // A slot with something in its upper half is no f32 at all.
  other.calls[0].results[1].bits = 0x1'7fc00000;
  EXPECT_NE(first_difference(sample(), other), std::nullopt);
}

TEST(Observation, EachPartIsCompared) {
  const std::pair<const char*, std::function<void(Observation&)>> changes[] = {
      {"refused", [](Observation& seen) { seen.refused = "x"; }},
      {"result", [](Observation& seen) { seen.calls[0].results[0].bits = 8; }},
      {"result type", [](Observation& seen) { seen.calls[0].results[0].type = ValType::i64; }},
      {"results", [](Observation& seen) { seen.calls[0].results.pop_back(); }},
      {"trap", [](Observation& seen) { seen.calls[1].trap = Trap::integer_overflow; }},
      {"frame's function", [](Observation& seen) { seen.calls[1].frames[0].func = 4; }},
      {"frame's offset", [](Observation& seen) { seen.calls[1].frames[1].offset = 0x31; }},
      {"frames", [](Observation& seen) { seen.calls[1].frames.pop_back(); }},
      {"fuel", [](Observation& seen) { seen.calls[0].fuel_left = 9; }},
      {"calls", [](Observation& seen) { seen.calls.pop_back(); }},
      {"host name", [](Observation& seen) { seen.host_calls[0].name = "grow"; }},
      {"host argument", [](Observation& seen) { seen.host_calls[0].args[0].bits = 2; }},
      {"host calls", [](Observation& seen) { seen.host_calls.clear(); }},
      {"memory size", [](Observation& seen) { seen.memories[0].pages = 2; }},
      {"memory", [](Observation& seen) { seen.memories[0].hash = 0; }},
      {"global", [](Observation& seen) { seen.globals[0].bits = uint64_t{1} << 63; }},
      {"element", [](Observation& seen) { seen.tables[0][1].bits = 1; }},
      {"table size", [](Observation& seen) { seen.tables[0].pop_back(); }},
  };
  for (const auto& [what, change] : changes) {
    Observation other = sample();
    change(other);
    EXPECT_NE(first_difference(sample(), other), std::nullopt) << what;
    EXPECT_NE(first_difference(other, sample()), std::nullopt) << what;
  }
}

// One call of everything there is to see, written by hand.
TEST(Observe, SeesWhatTheRunDid) {
  ModuleBuilder module;
  const uint32_t host = module.import_func("host", "f", {{ValType::i32}, {}});
  module.table({ValType::funcref, {.min = 2}});
  module.memory({.min = 1});
  module.global({ValType::i64, true}, WasmBytes().i64_const(1));
  const uint32_t f = module.func({{}, {ValType::i32}}, WasmBytes()
                                                           .i32_const(0)
                                                           .i32_const(42)
                                                           .access(Op::i32_store)
                                                           .i64_const(9)
                                                           .op(Op::global_set)
                                                           .u32(0)
                                                           .i32_const(1)
                                                           .op(Op::ref_func)
                                                           .u32(1)
                                                           .op(Op::table_set)
                                                           .u32(0)
                                                           .i32_const(77)
                                                           .call(host)
                                                           .i32_const(5));
  module.export_("f", ExternKind::Func, f);
  module.export_("g", ExternKind::Func, module.func({}, WasmBytes().op(Op::unreachable)));
  const std::vector<uint8_t> bytes = module.build();
  for (const auto& [name, engine] : testing::kEngines) {
    const Observation seen = observe(engine, bytes);
    ASSERT_EQ(seen.refused, "") << name;
    ASSERT_EQ(seen.calls.size(), 5u);  // instantiation, then f and g twice
    ASSERT_EQ(seen.calls[1].results.size(), 1u);
    EXPECT_EQ(seen.calls[1].results[0].bits, 5u);
    EXPECT_LT(seen.calls[1].fuel_left, seen.calls[0].fuel_left);
    EXPECT_EQ(seen.calls[2].trap, Trap::unreachable);
    ASSERT_EQ(seen.calls[2].frames.size(), 1u);
    EXPECT_EQ(seen.calls[2].frames[0].func, 2u);
    EXPECT_EQ(bytes[seen.calls[2].frames[0].offset], 0x00);
    ASSERT_EQ(seen.host_calls.size(), 2u);
    EXPECT_EQ(seen.host_calls[0].args[0].bits, 77u);
    EXPECT_EQ(seen.globals[0].bits, 9u);
    EXPECT_EQ(seen.tables[0][1].bits, 2u);
    EXPECT_EQ(seen.tables[0][0].bits, 0u);
  }
}

TEST(Observe, MemoryByteChangesItsHash) {
  const auto hash_with = [](int32_t value) {
    ModuleBuilder module;
    module.memory({.min = 1});
    module.export_(
        "f", ExternKind::Func,
        module.func({}, WasmBytes().i32_const(65535).i32_const(value).access(Op::i32_store8)));
    const Observation seen = observe(testing::kReference.engine, module.build());
    return seen.memories.at(0).hash;
  };
  EXPECT_NE(hash_with(1), hash_with(2));
}

}  // namespace
}  // namespace cordon::fuzz
