// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The compiler's code, verified and published piece by piece while the guest runs: it does what it
// does when all is there before the start, and what is interpreted meanwhile does the same.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "core/abi/target.h"
#include "core/base/os/sealed_file.h"
#include "core/jit/baseline/baseline.h"
#include "core/jit/code/compile.h"
#include "core/runtime/code/entries.h"
#include "core/runtime/entry.h"
#include "core/verify/verify.h"
#include "tests/kit/world.h"

namespace cordon::jit {
namespace {

using runtime::CodeSpace;
using runtime::Instance;
using testing::ModuleBuilder;
using testing::WasmBytes;
using wasm::ExternKind;
using wasm::Op;
using wasm::ValType;

class Files final : public PieceSink {
 public:
  Result<void> take(ByteSpan piece, bool) override {
    all.push_back(TRY(SealedFile::of_bytes(piece, "code")));
    return {};
  }
  std::vector<SealedFile> all;
};

// A module with its code, a piece for each function and the table of entries, of which none is
// published at first.
class Arrival {
 public:
  explicit Arrival(const ModuleBuilder& module)
      : bytes_(module.build()),
        module_(*wasm::validate_module_with_uses(*wasm::decode_module(bytes_))) {
    EXPECT_TRUE(
        compile_pieces(*module_, baseline_tier, {.target = abi::detect_target()}, 1, files_));
    uint64_t size = 0;
    for (const SealedFile& file : files_.all) {
      const auto blob = abi::decode_blob(file.bytes());
      size = std::max(size, blob->place.code_base + blob->extent());
    }
    space_ = *CodeSpace::create(module_, size);
    verification_.emplace(*module_);
  }

  // Publishes the next piece; false if there is none. What it was verified to be comes out.
  bool next(verify::Standing* standing = nullptr) {
    if (published_ == files_.all.size()) return false;
    const SealedFile& file = files_.all[published_++];
    auto verified = verification_->add(file.bytes());
    EXPECT_TRUE(verified) << verified.error().message();
    if (standing != nullptr) *standing = verified->standing();
    EXPECT_TRUE(space_->publish(std::move(*verified), file));
    return true;
  }
  engine::LoadedModule loaded() const { return {module_, space_, {}, {}}; }
  const CodeSpace& space() const { return *space_; }

 private:
  std::vector<uint8_t> bytes_;
  std::shared_ptr<const wasm::ValidatedModule> module_;
  Files files_;
  std::shared_ptr<CodeSpace> space_;
  std::optional<verify::Verification> verification_;
  size_t published_ = 0;
};

// "none" or the trap, and its frames, innermost first.
std::string run(testing::World& world, const Instance& instance, std::string_view name) {
  const engine::Outcome outcome = world.call(instance, name);
  std::string out(trap_name(outcome.trap));
  if (outcome.trap != Trap::none) out += " " + world.trace();
  return out;
}

class UnitsTest : public ::testing::Test, protected testing::World {
 protected:
  void SetUp() override {
    if (!runtime::native_supported()) GTEST_SKIP() << "no native code on this processor";
  }
  std::string run(const Instance& instance, std::string_view name) {
    return jit::run(*this, instance, name);
  }
};

bool is_native(const Instance& instance, uint32_t func) {
  return instance.funcs[func]->is_native();
}

WasmBytes call_by_table(uint32_t element) {
  return WasmBytes().i32_const(static_cast<int32_t>(element)).op(Op::call_indirect).u32(0).u32(0);
}

// Functions that call each other by the table, so that none calls ahead: "run" calls two, with the
// host in between; each of these calls the host, and finally a function that traps.
struct Meeting {
  Meeting() {
    module.type({{}, {}});
    const uint32_t tell = module.import_func("host", "tell", {{}, {}});
    const uint32_t meanwhile = module.import_func("host", "meanwhile", {{}, {}});
    WasmBytes run = call_by_table(0);
    run.call(meanwhile).append(call_by_table(0)).append(call_by_table(1));
    module.export_("run", ExternKind::Func, module.func({{}, {}}, run));
    teller = module.func({{}, {}}, WasmBytes().call(tell), {{1, ValType::i32}});
    const uint32_t between = module.func({{}, {}}, WasmBytes().call(tell).append(call_by_table(2)));
    const uint32_t trapping = module.func({{}, {}}, WasmBytes().op(Op::nop).op(Op::unreachable));
    module.table({ValType::funcref, {3, 3, true}});
    module.elem(0, {teller, between, trapping});
  }
  ModuleBuilder module;
  uint32_t teller = 0;
};

TEST_F(UnitsTest, CodeComesBetweenTwoCallsOfARun) {
  Meeting meeting;
  Arrival arrival(meeting.module);
  // Whether all that calls the host now is native: the interpreter would have the local's slot.
  std::vector<bool> told;
  const auto tell = [&] { told.push_back(execution.stack_top == execution.stack_base); };
  const auto meanwhile = [&](Instance& caller) {
    while (arrival.next()) continue;
    take_code(caller);
  };
  using Tell = decltype(tell);
  using Meanwhile = decltype(meanwhile);
  linker.define_func(
      "host", "tell", {{}, {}},
      [](void* env, runtime::HostCall&, const uint64_t*, uint64_t*) {
        return (*static_cast<Tell*>(env))(), Trap::none;
      },
      const_cast<void*>(static_cast<const void*>(&tell)));
  linker.define_func(
      "host", "meanwhile", {{}, {}},
      [](void* env, runtime::HostCall& call, const uint64_t*, uint64_t*) {
        return (*static_cast<Meanwhile*>(env))(*call.caller), Trap::none;
      },
      const_cast<void*>(static_cast<const void*>(&meanwhile)));
  ASSERT_TRUE(arrival.next());
  Instance& instance = instantiate(arrival.loaded());
  EXPECT_TRUE(is_native(instance, 2)) << "it calls by the table alone";
  EXPECT_FALSE(is_native(instance, meeting.teller));
  const std::string ended = run(instance, "run");
  EXPECT_TRUE(is_native(instance, meeting.teller));
  EXPECT_EQ(told, (std::vector<bool>{false, true, true}));
  // The same frames, in three units, as when all is native from the start.
  Instance& late = instantiate(arrival.loaded());
  EXPECT_EQ(run(late, "run"), ended);
  EXPECT_EQ(std::ranges::count(ended, '@'), 3) << ended;
}

TEST_F(UnitsTest, WhatCallsAheadWaitsForTheTableOfEntries) {
  ModuleBuilder module;
  module.export_("f", ExternKind::Func, module.func({{}, {}}, WasmBytes().call(1)));
  module.func({{}, {}}, WasmBytes().op(Op::unreachable));
  module.func({{}, {}}, WasmBytes().call(1));
  Arrival arrival(module);
  verify::Standing standing{};
  ASSERT_TRUE(arrival.next(&standing));
  EXPECT_TRUE(standing.calls_ahead);
  EXPECT_FALSE(standing.is_last);
  Instance& instance = instantiate(arrival.loaded());
  const std::string interpreted = run(instance, "f");
  for (const uint32_t expected : {1u, 2u}) {
    ASSERT_TRUE(arrival.next(&standing));
    EXPECT_EQ(standing.number, expected);
    EXPECT_FALSE(standing.calls_ahead) << "back, or not at all";
    take_code(instance);
    EXPECT_FALSE(is_native(instance, 0));
    EXPECT_EQ(run(instance, "f"), interpreted);
  }
  ASSERT_TRUE(arrival.next(&standing));
  EXPECT_TRUE(standing.is_last);
  take_code(instance);
  for (const uint32_t func : {0u, 1u, 2u}) EXPECT_TRUE(is_native(instance, func)) << func;
  EXPECT_EQ(run(instance, "f"), interpreted);
  EXPECT_FALSE(arrival.next());
}

// Pieces verified with one compilation are nothing to the code of another, though each is the very
// same.
TEST_F(UnitsTest, PiecesOfTwoVerificationsDoNotMix) {
  ModuleBuilder module;
  module.func({{}, {}}, WasmBytes());
  module.func({{}, {}}, WasmBytes());
  const std::vector<uint8_t> bytes = module.build();
  const std::shared_ptr<const wasm::ValidatedModule> valid =
      *wasm::validate_module_with_uses(*wasm::decode_module(bytes));
  Files files;
  ASSERT_TRUE(compile_pieces(*valid, baseline_tier, {.target = abi::detect_target()}, 1, files));
  verify::Verification one(*valid), two(*valid);
  const auto space = *CodeSpace::create(valid, uint64_t{1} << 20);
  ASSERT_TRUE(space->publish(*one.add(files.all[0].bytes()), files.all[0]));
  ASSERT_TRUE(two.add(files.all[0].bytes()));
  const auto published = space->publish(*two.add(files.all[1].bytes()), files.all[1]);
  ASSERT_FALSE(published);
  EXPECT_NE(published.error().message().find("of another verification"), std::string::npos);
  EXPECT_TRUE(space->publish(*one.add(files.all[1].bytes()), files.all[1]));
}

constexpr uint32_t kMany = 60;

// Each of many functions traps, at an offset of its own.
ModuleBuilder trapping_functions() {
  ModuleBuilder module;
  for (uint32_t i = 0; i < kMany; ++i) {
    const uint32_t func = module.func({{}, {}}, WasmBytes().op(Op::unreachable));
    module.export_("f" + std::to_string(i), ExternKind::Func, func);
  }
  return module;
}

// Runs everything again and again, with whatever code there is, until all of it is.
void run_until_native(const Arrival& arrival, const std::vector<std::string>& expected,
                      std::atomic<uint32_t>& waiting) {
  testing::World world;
  Instance& instance = world.instantiate(arrival.loaded());
  --waiting;
  for (bool is_last_round = false; !is_last_round;) {
    is_last_round = instance.units_taken > kMany;
    for (uint32_t i = 0; i < kMany; ++i) {
      ASSERT_EQ(run(world, instance, "f" + std::to_string(i)), expected[i]);
      take_code(instance);
    }
  }
  for (uint32_t i = 0; i < kMany; ++i) EXPECT_TRUE(is_native(instance, i)) << i;
}

// [T1] Publishing on one thread while others handle faults.
TEST_F(UnitsTest, FaultsAreHandledWhileCodeIsPublished) {
  Arrival arrival(trapping_functions());
  std::vector<std::string> expected;
  Instance& interpreted = instantiate(arrival.loaded());
  for (uint32_t i = 0; i < kMany; ++i) {
    expected.push_back(run(interpreted, "f" + std::to_string(i)));
  }
  EXPECT_NE(expected[0], expected[1]);
  ASSERT_TRUE(arrival.next());
  std::atomic<uint32_t> waiting = 2;
  std::vector<std::thread> runners;
  for (int i = 0; i < 2; ++i) {
    runners.emplace_back([&] { run_until_native(arrival, expected, waiting); });
  }
  while (waiting != 0) std::this_thread::yield();
  while (arrival.next()) std::this_thread::yield();
  for (std::thread& runner : runners) runner.join();
  EXPECT_EQ(arrival.space().units().size(), kMany + 1);
}

}  // namespace
}  // namespace cordon::jit
