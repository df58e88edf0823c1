// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a debugger sees of compiled modules. tests/gdb runs GDB itself.
#include "core/gdb/show.h"

#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "core/embed/jit_code_source.h"
#include "core/engine/pipeline.h"
#include "core/gdb/call_frames.h"
#include "core/gdb/jit_interface.h"
#include "core/runtime/entry.h"
#include "core/verify/x64/decode.h"
#include "tests/core/gdb/parsed_object.h"
#include "tests/kit/module_builder.h"

namespace cordon::gdb {
namespace {

using testing::ModuleBuilder;
using testing::WasmBytes;
using wasm::Op;
using wasm::ValType;

// As a debugger reads it when it stops.
std::vector<const jit_code_entry*> list() {
  std::vector<const jit_code_entry*> entries;
  const jit_code_entry* before = nullptr;
  for (const jit_code_entry* entry = __jit_debug_descriptor.first_entry; entry != nullptr;
       entry = entry->next_entry) {
    EXPECT_EQ(entry->prev_entry, before);
    entries.push_back(entry);
    before = entry;
  }
  return entries;
}

ParsedObject parse(const jit_code_entry& entry) {
  return parse_object({reinterpret_cast<const uint8_t*>(entry.symfile_addr), entry.symfile_size});
}

class ShowTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!runtime::native_supported()) GTEST_SKIP() << "no native code on this processor";
  }
  engine::LoadedModule load(const ModuleBuilder& module, uint64_t piece_bytes = UINT64_MAX) {
    bytes_ = module.build();
    embed::JitCodeSource source({.piece_bytes = piece_bytes});
    engine::Config config;
    config.engine = engine::Engine::Jit;
    config.code_source = &source;
    config.fuel = 1000;
    auto loaded = engine::load(bytes_, config);
    if (!loaded) {
      ADD_FAILURE() << loaded.error().message();
      std::abort();
    }
    return *loaded;
  }
  std::vector<uint8_t> bytes_;
};

// Frames of all sizes, with calls and faults in them; one function has neither frame nor call.
ModuleBuilder sample() {
  ModuleBuilder module;
  module.memory({1, 1, true});
  const uint32_t leaf = module.func({{}, {}}, WasmBytes());
  for (const uint32_t locals : {1U, 15U, 700U}) {
    WasmBytes code;
    for (uint32_t i = 0; i < locals; ++i) code.i64_const(i).local_set(i);
    code.call(leaf).i32_const(-1).access(Op::i32_load).op(Op::drop);
    for (uint32_t i = 0; i < locals; ++i) code.local_get(i).op(Op::drop);
    module.func({{}, {}}, code, {{locals, ValType::i64}});
  }
  return module;
}

TEST_F(ShowTest, NamesAreTheGuestsButHarmless) {
  ModuleBuilder module;
  module.import_func("host", "f", {{}, {}});
  for (const std::string_view name : {"fib", "", "malloc", "a\x1b[2J\nb", "\xc3\xa4", "_ZN1aE"}) {
    const uint32_t func = module.func({{}, {}}, WasmBytes());
    if (!name.empty()) module.func_name(func, name);
  }
  module.func_name(module.func({{}, {}}, WasmBytes()), std::string("a\0b", 3));
  module.func_name(module.func({{}, {}}, WasmBytes()), std::string(1000, 'x'));
  engine::LoadedModule loaded = load(module);
  loaded.code = show(*loaded.module, std::move(loaded.code));
  ASSERT_EQ(list().size(), 1u);
  const ParsedObject parsed = parse(*list()[0]);
  std::vector<std::string> names;
  for (const ParsedSymbol& symbol : parsed.symbols) names.push_back(symbol.name);
  EXPECT_EQ(names, (std::vector<std::string>{"wasm$fib", "wasm-function[2]", "wasm$malloc",
                                             "wasm$a_[2J_b", "wasm$__", "wasm$_ZN1aE", "wasm$a_b",
                                             "wasm$" + std::string(200, 'x')}));
}

// What the object file of a unit must have, and no more.
void expect_covered(const ParsedObject& parsed, const runtime::CodeUnit& unit) {
  const auto start = reinterpret_cast<uint64_t>(unit.code().data());
  EXPECT_EQ(parsed.text_address, start);
  EXPECT_EQ(parsed.text_size, unit.mapping().size());
  std::vector<ParsedSymbol> expected;
  if (unit.is_entry_table()) expected.push_back({"wasm-entry-table", start, unit.code().size()});
  for (uint32_t i = 0; i < unit.funcs(); ++i) {
    expected.push_back({"wasm-function[" + std::to_string(unit.body(i)) + "]",
                        reinterpret_cast<uint64_t>(unit.entry(i)), unit.func(i).size});
  }
  EXPECT_EQ(parsed.symbols, expected);
  const std::vector<ParsedFrames> frames = parse_frames(parsed.debug_frame);
  ASSERT_EQ(frames.size(), expected.size());
  for (size_t i = 0; i < frames.size(); ++i) {
    EXPECT_EQ(frames[i].start, expected[i].address);
    EXPECT_EQ(frames[i].size, expected[i].size);
  }
}

TEST_F(ShowTest, SymbolsAndFramesCoverEachFunction) {
  for (const uint64_t piece_bytes : {UINT64_MAX, uint64_t{1}}) {
    engine::LoadedModule loaded = load(sample(), piece_bytes);
    loaded.code = show(*loaded.module, std::move(loaded.code));
    const auto units = loaded.code->units();
    ASSERT_EQ(units.size(), piece_bytes == 1 ? 5u : 1u) << "a function each, and their table";
    const auto shown = list();  // the newest first
    ASSERT_EQ(shown.size(), units.size());
    for (size_t i = 0; i < units.size(); ++i) {
      expect_covered(parse(*shown[units.size() - 1 - i]), *units[i]);
    }
  }
}

// By the tables of sites, from which the frames are not made, except at the check of the stack.
TEST_F(ShowTest, FramesAreThereExactlyInTheBody) {
  engine::LoadedModule loaded = load(sample());
  const runtime::CodeUnit& code = *loaded.code->units()[0];
  const std::vector<uint8_t> section = call_frames(code);
  const std::vector<ParsedFrames> frames = parse_frames(section);
  ASSERT_EQ(frames.size(), code.funcs());
  std::map<std::string, size_t> seen;
  for (uint32_t i = 0; i < code.funcs(); ++i) {
    const abi::BlobFunc& func = code.func(i);
    const uint64_t body = func.frame_size + 8;
    uint64_t expected = 8;  // from rsp to its value before the call
    verify::x64::Insn insn;
    for (uint32_t at = 0; at < func.size; at += insn.length) {
      ASSERT_TRUE(verify::x64::decode(code.code().subspan(func.offset + at), insn));
      const abi::TrapSite* site = code.trap_site(func.offset + at);
      const char* what = "prologue";
      if (insn.is(verify::x64::Op::ret)) {
        what = "ret", expected = 8;
      } else if (code.call_site(func.offset + at) != nullptr) {
        what = "call", expected = body;
      } else if (site != nullptr) {
        const bool no_frame = site->trap == Trap::call_stack_exhausted;
        what = no_frame ? "check" : "trap", expected = no_frame ? 8 : body;
      } else if (at > 0) {
        continue;
      }
      ++seen[what];
      EXPECT_EQ(frames[i].distance_at(frames[i].start + at), expected)
          << what << " at " << at << " of function " << i;
    }
  }
  const std::map<std::string, size_t> all = {
      {"prologue", 4}, {"ret", 4}, {"call", 3}, {"check", 4}, {"trap", 3 + 4}};
  EXPECT_EQ(seen, all);  // traps: of memory, and of fuel
}

TEST_F(ShowTest, AModuleWithoutCodeMayBeShown) {
  engine::LoadedModule loaded = load(ModuleBuilder());
  ASSERT_NE(loaded.code, nullptr);
  loaded.code = show(*loaded.module, std::move(loaded.code));
  ASSERT_EQ(list().size(), 1u);
  EXPECT_TRUE(parse(*list()[0]).symbols.empty());
}

TEST_F(ShowTest, InterpretedModulesHaveNothingToShow) {
  bytes_ = sample().build();
  auto loaded = engine::load(bytes_);
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(show(*loaded->module, loaded->code), nullptr);
  EXPECT_TRUE(list().empty());
}

TEST_F(ShowTest, LastsAsLongAsTheCodeIsShared) {
  engine::LoadedModule loaded = load(sample());
  const std::weak_ptr<const runtime::CodeSpace> code = loaded.code;
  loaded.code = show(*loaded.module, std::move(loaded.code));
  EXPECT_EQ(loaded.code, code.lock());
  auto shared = loaded.code;
  loaded.code.reset();
  EXPECT_EQ(list().size(), 1u);
  shared.reset();
  EXPECT_TRUE(list().empty());
  EXPECT_TRUE(code.expired());
}

TEST(JitInterface, EntriesLeaveInAnyOrder) {
  const auto make = [](uint8_t id) {
    return std::make_unique<Registration>(std::vector<uint8_t>{id});
  };
  const auto ids = [] {
    std::string all;
    for (const jit_code_entry* entry : list()) all += *entry->symfile_addr;
    return all;
  };
  auto a = make('a'), b = make('b'), c = make('c');
  EXPECT_EQ(ids(), "cba");
  b.reset();
  EXPECT_EQ(ids(), "ca");
  c.reset();
  EXPECT_EQ(ids(), "a");
  a.reset();
  EXPECT_EQ(ids(), "");
  EXPECT_EQ(__jit_debug_descriptor.version, 1u);
  EXPECT_EQ(__jit_debug_descriptor.action_flag, 0u);
}

TEST(JitInterface, ThreadsMayRegisterAtOnce) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      for (int k = 0; k < 1000; ++k) Registration(std::vector<uint8_t>(8));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(list().empty());
}

}  // namespace
}  // namespace cordon::gdb
