// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A module that calls its peer, whose memory and traps the oracle must see.
#include "fuzz/oracle/peer.h"

#include <gtest/gtest.h>

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

ModuleBuilder calls_peer(int32_t argument, int32_t times) {
  ModuleBuilder module;
  const uint32_t peer =
      module.import_func("peer", "f0", {{ValType::i32, ValType::f64}, {ValType::f64}});
  WasmBytes code;
  for (int32_t i = 0; i < times; ++i) {
    code.i32_const(argument).f64_const(2.5).call(peer).op(Op::drop);
  }
  module.export_("f", ExternKind::Func, module.func({}, code));
  return module;
}

TEST(Peer, ItsMemoryIsCompared) {
  for (const auto& [name, engine] : testing::kEngines) {
    const Observation one = observe(engine, calls_peer(1, 1).build());
    const Observation two = observe(engine, calls_peer(2, 1).build());
    ASSERT_EQ(one.refused, "") << name;
    ASSERT_EQ(one.memories.size(), 1u);  // the module itself has none
    EXPECT_NE(one.memories[0].hash, two.memories.at(0).hash);
  }
}

TEST(Peer, ItsTrapHasFramesOfBothInstances) {
  for (const auto& [name, engine] : testing::kEngines) {
    const Observation seen = observe(engine, calls_peer(1, 31).build());
    ASSERT_EQ(seen.refused, "") << name;
    ASSERT_EQ(seen.calls.size(), 3u);
    EXPECT_EQ(seen.calls[1].trap, Trap::unreachable);
    ASSERT_EQ(seen.calls[1].frames.size(), 2u);
    EXPECT_EQ(seen.calls[1].frames[0].func, 0u);
    EXPECT_EQ(seen.calls[1].frames[1].func, 1u);
  }
}

TEST(Peer, NoneForAModuleThatImportsNothingFromIt) {
  const std::vector<uint8_t> bytes = ModuleBuilder().build();
  const Result<wasm::Module> module = wasm::decode_module(bytes);
  ASSERT_TRUE(module.has_value());
  EXPECT_TRUE(peer_of(*module).empty());
}

}  // namespace
}  // namespace cordon::fuzz
