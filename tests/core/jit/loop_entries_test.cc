// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Functions that begin in the interpreter and go on in native code at one of their loops: whichever
// round that is, all that can be observed is what the interpreter alone does ([D1]): results, the
// trap with its frames, memory, globals, fuel left.
//
// The modules are tests/loops/NAME.wat, each with an export "run" without parameters; its memory
// and globals are looked at where it exports them. A line ";; loops: N" says how many of its loops
// have entries, if not all.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "core/interp/interpreter.h"
#include "core/runtime/entry.h"
#include "core/runtime/slice_end.h"
#include "tests/core/jit/compile_module.h"
#include "tests/kit/environment.h"
#include "tests/kit/needed_code.h"

namespace cordon::testing {
namespace {

namespace fs = std::filesystem;
using engine::Engine;
using wasm::Op;
using wasm::ValType;

fs::path directory() { return fs::path(CORDON_SOURCE_DIR) / "tests/loops"; }

std::string content_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> modules() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory())) {
    if (entry.path().extension() == ".wat") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// All that a run shows.
struct Seen {
  Trap trap;
  std::vector<uint64_t> results, globals;
  std::string trace, memory;
  int64_t fuel;
  bool operator==(const Seen&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Seen& seen) {
  out << trap_name(seen.trap) << " [" << seen.trace << "] fuel " << seen.fuel << " results";
  for (const uint64_t each : seen.results) out << ' ' << each;
  out << " globals";
  for (const uint64_t each : seen.globals) out << ' ' << each;
  return out << " memory of " << seen.memory.size() << " bytes, hash "
             << std::hash<std::string>()(seen.memory);
}

struct Ran {
  Seen seen;
  uint64_t loops_entered;
};

// Gives an instance all its code where a slice of fuel ends.
class Arrival final : public runtime::SliceEnd {
 public:
  Arrival(NeededCode& code, runtime::Instance& instance) : code_(code), instance_(instance) {}
  Trap slice_ended(runtime::Execution&, runtime::Func&, uint32_t, uint64_t) override {
    for (uint32_t i = 0; i < code_.module().funcs().size(); ++i) code_.add(i);
    runtime::take_code(instance_);
    return Trap::none;
  }

 private:
  NeededCode& code_;
  runtime::Instance& instance_;
};

// Runs "run", which begins in the interpreter. Its first slice of fuel is `slice`, and there is no
// second one; 0: slices as they come. With native code all functions have it after the first slice:
// if that ends in a loop, the function goes on there.
Ran run(const std::vector<uint8_t>& bytes, Engine engine, int64_t fuel, int64_t slice) {
  World world({.engine = Engine::Interp, .stack_bytes = 1 << 16});
  NeededCode code(bytes, fuel != runtime::Execution::kUnlimitedFuel);
  runtime::Instance& instance = world.instantiate(code.loaded());
  if (engine == Engine::Jit) instance.on_slice = std::make_shared<Arrival>(code, instance);
  runtime::Func& func = *std::get<runtime::Func*>(*instance.find_export("run"));
  world.execution.fuel = fuel;  // none of it for the instantiation
  if (slice != 0) world.execution.hotness.stop();
  world.execution.slice = slice;
  Ran out{};
  std::vector<uint64_t> results(func.results);
  out.seen.trap = interp::invoke(world.execution, func, nullptr, results.data());
  if (out.seen.trap == Trap::none) out.seen.results = results;
  if (out.seen.trap != Trap::none) out.seen.trace = world.trace();
  for (const runtime::Global* global : instance.globals) {
    if (!wasm::is_ref(global->type.value)) out.seen.globals.push_back(*global->cell);
  }
  if (const runtime::Memory* memory = instance.memory0()) {
    out.seen.memory.assign(reinterpret_cast<const char*>(memory->base()), memory->size());
  }
  out.seen.fuel = world.execution.fuel;
  out.loops_entered = world.execution.loops_entered;
  return out;
}

constexpr int64_t kMuch = 100'000'000;

class Loops : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!runtime::native_supported()) GTEST_SKIP() << "no native code on this processor";
    const fs::path wasm = fs::path(CORDON_LOOPS_WASM) / (GetParam() + ".wasm");
    if (!fs::exists(wasm)) {
      ASSERT_FALSE(data_is_required()) << "no " << wasm << "; wat2wasm makes it";
      GTEST_SKIP() << "needs wat2wasm: ci/install installs it";
    }
    const std::string content = content_of(wasm);
    bytes_.assign(content.begin(), content.end());
  }
  std::vector<uint8_t> bytes_;
};

// Each possible first round in native code, or about a hundred of them.
TEST_P(Loops, AnyRoundCanBeTheFirstInNativeCode) {
  const Seen expected = run(bytes_, Engine::Interp, kMuch, 1).seen;
  const int64_t used = kMuch - expected.fuel;
  uint64_t entered = 0;
  for (int64_t slice = 1; slice <= used; slice += 1 + used / 100) {
    const Ran here = run(bytes_, Engine::Jit, kMuch, slice);
    ASSERT_EQ(here.seen, expected) << "after " << slice;
    entered += here.loops_entered;
  }
  EXPECT_GT(entered, 0u);
}

TEST_P(Loops, SlicesAsTheyCome) {
  const Seen expected = run(bytes_, Engine::Interp, kMuch, 0).seen;
  const Ran here = run(bytes_, Engine::Jit, kMuch, 0);
  EXPECT_EQ(here.seen, expected);
  if (GetParam() == "several_switches") EXPECT_GT(here.loops_entered, 3u);
}

TEST_P(Loops, WithoutFuelTheSame) {
  constexpr int64_t kAll = runtime::Execution::kUnlimitedFuel;
  Seen expected = run(bytes_, Engine::Interp, kAll, 1).seen;
  const int64_t used = kAll - expected.fuel;
  for (int64_t slice = 1; slice <= used; slice += 1 + used / 20) {
    Ran here = run(bytes_, Engine::Jit, kAll, slice);
    here.seen.fuel = expected.fuel;  // native code charges none
    ASSERT_EQ(here.seen, expected) << "after " << slice;
  }
}

// All fuel is used up somewhere, before the change or after it.
TEST_P(Loops, FuelEndsWhereItEnds) {
  const int64_t used = kMuch - run(bytes_, Engine::Interp, kMuch, 1).seen.fuel;
  for (int64_t fuel = 1; fuel < used; fuel += 1 + used / 12) {
    const Seen expected = run(bytes_, Engine::Interp, fuel, fuel).seen;
    for (int64_t slice = 1; slice <= fuel; slice += 1 + fuel / 8) {
      ASSERT_EQ(run(bytes_, Engine::Jit, fuel, slice).seen, expected) << fuel << ", " << slice;
    }
  }
}

TEST_P(Loops, EachHasItsEntry) {
  const std::string source = content_of(directory() / (GetParam() + ".wat"));
  const std::string mark = ";; loops: ";
  size_t loops = 0;
  if (const size_t at = source.find(mark); at != std::string::npos) {
    loops = std::stoul(source.substr(at + mark.size()));
  } else {
    for (size_t i = source.find("(loop"); i != std::string::npos; i = source.find("(loop", i + 1)) {
      ++loops;
    }
  }
  for (const bool fuel : {false, true}) {
    const Compiled compiled = compile_module(bytes_, all_features(), 1, fuel, true);
    EXPECT_EQ(compiled.blob().loop_entries.size(), loops);
    EXPECT_TRUE(compile_module(bytes_, all_features(), 1, fuel).blob().loop_entries.empty());
  }
  EXPECT_EQ(compile_module(bytes_, no_features(), 1, true, true).blob().loop_entries.size(), loops);
}

std::string name_of(const ::testing::TestParamInfo<std::string>& info) { return info.param; }

// Exceptions by the standard's instructions, which wat2wasm does not know.
class LoopsThatCatch : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!runtime::native_supported()) GTEST_SKIP() << "no native code on this processor";
  }
  static void expect_any_round(const ModuleBuilder& module) {
    const std::vector<uint8_t> bytes = module.build();
    const Seen expected = run(bytes, Engine::Interp, kMuch, 1).seen;
    uint64_t entered = 0;
    for (int64_t slice = 1; slice <= kMuch - expected.fuel; ++slice) {
      const Ran here = run(bytes, Engine::Jit, kMuch, slice);
      ASSERT_EQ(here.seen, expected) << "after " << slice;
      entered += here.loops_entered;
    }
    EXPECT_GT(entered, 0u);
  }
};

// What is thrown goes to the head of the loop, 20 times.
TEST_F(LoopsThatCatch, AClauseLeadsToALoop) {
  ModuleBuilder module;
  const uint32_t tag = module.tag({{ValType::i32}, {}});
  const uint32_t type = module.type({{ValType::i32}, {}});
  WasmBytes code = WasmBytes().i32_const(1).block_of_type(Op::loop, type).local_set(0);
  code.local_get(0).i32_const(3).op(Op::i32_mul).local_set(0);
  code.local_get(1).i32_const(1).op(Op::i32_add).local_tee(1).i32_const(20).op(Op::i32_lt_u);
  code.block(Op::if_).op(Op::try_table).append(WasmBytes{0x40, 1, 0}).u32(tag).u32(1);
  code.local_get(0).op(Op::throw_).u32(tag).end().end().end().local_get(0);
  const uint32_t func = module.func({{}, {ValType::i32}}, code, {{2, ValType::i32}});
  module.export_("run", wasm::ExternKind::Func, func);
  expect_any_round(module);
}

// References of exceptions are locals and operands of the loop; the last one is thrown again.
TEST_F(LoopsThatCatch, ReferencesOfExceptions) {
  ModuleBuilder module;
  const uint32_t tag = module.tag({{ValType::i32}, {}});
  const uint32_t type = module.type({{ValType::exnref}, {}});
  const uint32_t throws =
      module.func({{ValType::i32}, {}}, WasmBytes().local_get(0).op(Op::throw_).u32(tag));
  constexpr uint8_t kCatchAllRef = 3, kExnref = 0x69;
  const auto caught = [&] {  // a reference of what function `throws` throws, with local 0
    WasmBytes made = WasmBytes().op(Op::block).append({kExnref}).op(Op::try_table);
    made.append(WasmBytes{0x40, 1, kCatchAllRef}).u32(0).local_get(0).call(throws).end();
    return made.op(Op::unreachable).end();
  };
  WasmBytes code = WasmBytes().append(caught()).append(caught());
  code.block_of_type(Op::loop, type).local_set(1).local_get(0).i32_const(1).op(Op::i32_add);
  code.local_set(0).append(caught()).local_get(0).i32_const(9).op(Op::i32_lt_u).br_if(0);
  code.local_set(1).end().local_set(2);
  // The number of the first one, by catching it, and then the last one is not caught.
  code.block(Op::block, ValType::i32).op(Op::try_table).append(WasmBytes{0x40, 1, 0}).u32(tag);
  code.u32(0).local_get(2).op(Op::throw_ref).end().op(Op::unreachable).end().local_set(3);
  code.local_get(1).op(Op::throw_ref);
  const std::vector<Locals> locals{{1, ValType::i32}, {2, ValType::exnref}, {1, ValType::i32}};
  const uint32_t inner = module.func({{}, {}}, code, locals);
  WasmBytes outer = WasmBytes().block(Op::block, ValType::i32).op(Op::try_table);
  outer.append(WasmBytes{0x40, 1, 0}).u32(tag).u32(0).call(inner).end().i32_const(-1).end();
  outer.call(inner);
  module.export_("run", wasm::ExternKind::Func, module.func({{}, {ValType::i32}}, outer));
  expect_any_round(module);
}

INSTANTIATE_TEST_SUITE_P(Jit, Loops, ::testing::ValuesIn(modules()), name_of);

}  // namespace
}  // namespace cordon::testing
