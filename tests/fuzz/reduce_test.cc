// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The reducer of modules, and the items that it leaves out.
#include <gtest/gtest.h>

#include "core/wasm/validated.h"
#include "fuzz/gen/module_gen.h"
#include "fuzz/mutate/items.h"
#include "fuzz/mutate/reduce_module.h"
#include "fuzz/oracle/reach.h"
#include "fuzz/oracle/script.h"
#include "tests/kit/module_builder.h"

namespace cordon::fuzz {
namespace {

using testing::WasmBytes;
using wasm::Op;

TEST(Items, TogetherTheyAreTheSection) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    for (const SectionPiece& section : cut(generate(bytes_of_seed(seed))).sections) {
      const bool is_vector = section.id != testing::kCustomSection &&
                             section.id != testing::kStartSection &&
                             section.id != testing::kDataCountSection && section.bodies.empty();
      if (!is_vector) continue;
      const std::optional<Items> items = items_of(section.id, section.content.bytes);
      ASSERT_TRUE(items.has_value()) << "section " << int{section.id} << " of seed " << seed;
      EXPECT_EQ(join(*items), section.content.bytes);
    }
  }
}

TEST(Items, WhatIsMalformedHasNone) {
  EXPECT_FALSE(items_of(testing::kExportSection, {3, 1, 'a'}));
  EXPECT_FALSE(items_of(testing::kFunctionSection, {0xff, 0xff, 0xff, 0xff, 0x0f}));
  EXPECT_FALSE(items_of(testing::kFunctionSection, {1, 0, 0}));
  EXPECT_FALSE(items_of(testing::kGlobalSection, {1, 0x7f, 0, 0x41}));
  EXPECT_FALSE(items_of(testing::kCustomSection, {1, 0}));
  EXPECT_FALSE(instructions_of({0, 0xff}));
}

bool is_valid(const ByteString& bytes) {
  auto module = wasm::decode_module(bytes);
  return module && wasm::validate_module(std::move(*module)).has_value();
}

uint64_t count_of(const ByteString& module, Op op) {
  Reach reach;
  reach.count(module);
  return reach.counts().at(op);
}

TEST(Reduce, LeavesWhatIsLookedForAndLittleElse) {
  unsigned reduced = 0;
  for (uint64_t seed = 0; seed < 40 && reduced < 5; ++seed) {
    const ByteString module = generate(bytes_of_seed(seed));
    if (count_of(module, Op::i64_rotl) == 0) continue;
    ++reduced;
    const ByteString least = reduce_module(module, [](const ByteString& candidate) {
      EXPECT_TRUE(is_valid(candidate)) << "of a valid module only valid ones are tried";
      return count_of(candidate, Op::i64_rotl) != 0;
    });
    EXPECT_NE(count_of(least, Op::i64_rotl), 0u);
    EXPECT_LT(least.size(), 80u) << "seed " << seed << ", before " << module.size();
    EXPECT_TRUE(wasm::decode_module(least)->imports.empty());
  }
  EXPECT_EQ(reduced, 5u);
}

TEST(Reduce, StopsWhenItIsTold) {
  const ByteString module = generate(bytes_of_seed(1));
  unsigned asked = 0;
  reduce_module(
      module, [&](const ByteString&) { return ++asked, true; }, [&] { return asked >= 3; });
  EXPECT_EQ(asked, 3u);
}

TEST(Reduce, AnInvalidModuleStaysWhatItIs) {
  ByteString module = generate(bytes_of_seed(1));
  module.push_back(99);  // the id of no section
  const auto still = [](const ByteString& candidate) {
    return !candidate.empty() && candidate.back() == 99;
  };
  const ByteString least = reduce_module(module, still);
  EXPECT_TRUE(still(least));
  EXPECT_LT(least.size(), 20u);
}

TEST(Script, HasTheCallsAndWhatTheyGive) {
  testing::ModuleBuilder builder;
  const uint32_t seven = builder.func({{}, {wasm::ValType::i32}}, WasmBytes().i32_const(7));
  const uint32_t traps = builder.func({}, WasmBytes().op(Op::unreachable));
  builder.export_("seven", wasm::ExternKind::Func, seven);
  builder.export_("traps", wasm::ExternKind::Func, traps);
  const std::string script = script_of(builder.build(), "m.wasm");
  EXPECT_NE(script.find(R"("filename": "m.wasm")"), std::string::npos) << script;
  EXPECT_NE(script.find(R"("value": "7")"), std::string::npos) << script;
  EXPECT_NE(script.find(R"("text": "unreachable")"), std::string::npos) << script;
  EXPECT_EQ(script_of(WasmBytes{0}.bytes(), "m.wasm"), "");
}

}  // namespace
}  // namespace cordon::fuzz
