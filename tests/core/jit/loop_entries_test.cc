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
#include "tests/core/jit/compile_module.h"
#include "tests/kit/compiling_world.h"
#include "tests/kit/environment.h"

namespace cordon::testing {
namespace {

namespace fs = std::filesystem;
using engine::Engine;

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

// Runs "run" in the interpreter; its first slice of fuel is `slice`, and there is no second one.
// With native code the first function that is in a loop then goes on there. 0: slices as they come.
Ran run(const std::vector<uint8_t>& bytes, Engine engine, int64_t fuel, int64_t slice) {
  CompilingWorld world({.engine = engine, .stack_bytes = 1 << 16, .fuel = fuel},
                       {.loop_entries = true});
  const Guest guest(world, bytes);
  runtime::Func& func = guest.func("run");
  if (slice != 0) world.execution.hotness.stop();
  world.execution.slice = slice;
  Ran out{};
  std::vector<uint64_t> results(func.results);
  out.seen.trap = interp::invoke(world.execution, func, nullptr, results.data());
  if (out.seen.trap == Trap::none) out.seen.results = results;
  if (out.seen.trap != Trap::none) out.seen.trace = world.trace();
  for (const runtime::Global* global : guest.instance().globals) {
    if (!wasm::is_ref(global->type.value)) out.seen.globals.push_back(*global->cell);
  }
  if (const runtime::Memory* memory = guest.instance().memory0()) {
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

INSTANTIATE_TEST_SUITE_P(Jit, Loops, ::testing::ValuesIn(modules()), name_of);

}  // namespace
}  // namespace cordon::testing
