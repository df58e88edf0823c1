// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Code in pieces: computes what code in one piece does, is the same for any number of threads, and
// is accepted whole and in its order only ([C1] [W3]).
#include <gtest/gtest.h>

#include "core/embed/jit_code_source.h"
#include "core/engine/instantiate.h"
#include "core/engine/invoke.h"
#include "core/engine/pipeline.h"
#include "core/jit/baseline/baseline.h"
#include "core/jit/code/compile.h"
#include "core/verify/verify.h"
#include "tests/kit/module_builder.h"

namespace cordon::jit {
namespace {

using testing::ModuleBuilder;
using testing::WasmBytes;
using wasm::Op;
using wasm::ValType;

class Pieces final : public PieceSink {
 public:
  Result<void> take(ByteSpan piece, bool last) override {
    EXPECT_FALSE(done);
    all.emplace_back(piece.begin(), piece.end());
    done = last;
    return {};
  }
  std::vector<std::vector<uint8_t>> all;
  bool done = false;
};

// Function i adds 1 many times, then calls i + 1 (a forward call, by its slot if it is in a later
// piece); the last one calls "leaf", which is the first. So calls go both ways.
std::vector<uint8_t> long_module(uint32_t funcs, uint32_t adds) {
  const wasm::FuncType unary{{ValType::i32}, {ValType::i32}};
  ModuleBuilder module;
  module.type(unary);
  module.func(unary, WasmBytes().local_get(0).i32_const(1000).op(Op::i32_add));
  for (uint32_t i = 1; i <= funcs; ++i) {
    WasmBytes body;
    body.local_get(0);
    for (uint32_t k = 0; k < adds; ++k) body.local_get(0).op(Op::i32_add);
    body.op(Op::call).u32(i == funcs ? 0 : i + 1);
    module.func(unary, std::move(body));
  }
  module.export_("first", wasm::ExternKind::Func, 1);
  return module.build();
}

std::shared_ptr<const wasm::ValidatedModule> validated(ByteSpan bytes) {
  return *wasm::validate_module_with_uses(*wasm::decode_module(bytes));
}

constexpr uint64_t kPiece = 128 * 1024;

Pieces compile_in_pieces(const wasm::ValidatedModule& module, unsigned threads = 1) {
  Pieces pieces;
  const CompileOptions options{.target = abi::detect_target(), .threads = threads};
  EXPECT_TRUE(compile_pieces(module, jit::baseline_tier, options, kPiece, pieces));
  EXPECT_TRUE(pieces.done);
  return pieces;
}

uint64_t run(ByteSpan bytes, engine::CodeSource* source) {
  engine::Config config;
  config.engine = source == nullptr ? engine::Engine::Interp : engine::Engine::Jit;
  config.code_source = source;
  runtime::Store store{config.store};
  engine::Linker linker{store};
  auto execution = *runtime::Execution::create(config.stack_bytes);
  auto loaded = engine::load(bytes, config);
  EXPECT_TRUE(loaded) << loaded.error().message();
  auto made = engine::instantiate(store, *loaded, linker, execution);
  auto* func = *engine::find_func(*made->instance, "first");
  const engine::Value argument{ValType::i32, 7};
  auto outcome = engine::invoke(execution, *func, {&argument, 1});
  EXPECT_EQ(outcome->trap, Trap::none);
  return outcome->results.at(0).slot;
}

TEST(PiecesTest, ComputeWhatTheInterpreterDoes) {
  const std::vector<uint8_t> bytes = long_module(16, 20'000);
  const uint64_t expected = run(bytes, nullptr);
  for (const uint64_t piece : {uint64_t{1}, kPiece, UINT64_MAX}) {
    embed::JitCodeSource source({.piece_bytes = piece});
    EXPECT_EQ(run(bytes, &source), expected) << piece;
  }
}

TEST(PiecesTest, AreTheSameForAnyNumberOfThreads) {
  const std::vector<uint8_t> bytes = long_module(16, 20'000);
  const auto module = validated(bytes);
  EXPECT_EQ(compile_in_pieces(*module, 3).all, compile_in_pieces(*module, 1).all);
}

TEST(PiecesTest, MayBeASingleFunctionEach) {
  const std::vector<uint8_t> bytes = long_module(9, 10);
  Pieces pieces;
  ASSERT_TRUE(compile_pieces(*validated(bytes), jit::baseline_tier,
                             {.target = abi::detect_target()}, 1, pieces));
  EXPECT_EQ(pieces.all.size(), 11u) << "ten functions and the table of entries";
}

TEST(PiecesTest, SmallCodeIsOnePieceWithoutATable) {
  const std::vector<uint8_t> bytes = long_module(2, 10);
  const auto module = validated(bytes);
  const Pieces pieces = compile_in_pieces(*module);
  ASSERT_EQ(pieces.all.size(), 1u);
  EXPECT_EQ(pieces.all[0], *compile(*module, jit::baseline_tier, {.target = abi::detect_target()}));
}

// [C1] [W3] Whatever order a hostile compiler sends them in.
TEST(PiecesTest, AreAcceptedInTheirOrderOnly) {
  const std::vector<uint8_t> bytes = long_module(16, 20'000);
  const auto module = validated(bytes);
  const Pieces pieces = compile_in_pieces(*module);
  const size_t count = pieces.all.size();
  ASSERT_GE(count, 4u);
  for (size_t good = 0; good < count; ++good) {
    for (size_t next = 0; next < count; ++next) {
      verify::Verification verification(*module);
      for (size_t i = 0; i < good; ++i) {
        ASSERT_TRUE(verification.add(pieces.all[i]));
        ASSERT_FALSE(verification.complete());
      }
      EXPECT_EQ(verification.add(pieces.all[next]).has_value(), next == good) << good << next;
      EXPECT_EQ(verification.complete(), next == good && good + 1 == count);
    }
  }
}

// No other module's table, and no byte of this one's changed.
TEST(PiecesTest, TheTableOfEntriesLeadsNowhereElse) {
  const std::vector<uint8_t> bytes = long_module(16, 20'000);
  const auto module = validated(bytes);
  Pieces pieces = compile_in_pieces(*module);
  std::vector<uint8_t>& table = pieces.all.back();
  const uint64_t code_at = abi::decode_blob(table)->code_at;
  for (uint64_t at = code_at; at < code_at + 17 * abi::kEntrySlot; ++at) {
    verify::Verification verification(*module);
    for (size_t i = 0; i + 1 < pieces.all.size(); ++i) {
      ASSERT_TRUE(verification.add(pieces.all[i]));
    }
    table[at] ^= 1;
    EXPECT_FALSE(verification.add(table)) << at;
    table[at] ^= 1;
  }
}

}  // namespace
}  // namespace cordon::jit
