// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Code as it is needed: whichever functions have code, and in whatever order they got it, the guest
// does what it does interpreted ([D1]): results, traps with their frames, exceptions, fuel and the
// order of calls of the host.
#include "core/jit/code/on_demand.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "core/runtime/entry.h"
#include "tests/kit/needed_code.h"
#include "tests/kit/tail_calls.h"

namespace cordon::jit {
namespace {

using engine::Value;
using runtime::Instance;
using testing::ModuleBuilder;
using testing::must;
using testing::NeededCode;
using testing::return_call;
using testing::WasmBytes;
using wasm::ExternKind;
using wasm::FuncType;
using wasm::Op;
using wasm::ValType;

constexpr ValType I = ValType::i32, L = ValType::i64, F = ValType::f32, D = ValType::f64,
                  V = ValType::v128, R = ValType::funcref, X = ValType::externref;
constexpr int64_t kFuel = 100'000;

// A module with an import, "tell", which is function 0, and its exported functions with arguments.
struct Sample {
  struct Export {
    std::string name;
    uint32_t argument;
  };
  Sample() { module.import_func("host", "tell", {{I}, {}}); }
  // All of one type, so that each can be called with its argument.
  void add(const std::string& name, uint32_t argument, const WasmBytes& code,
           const std::vector<testing::Locals>& locals = {}) {
    module.export_(name, ExternKind::Func, module.func({{I}, {I}}, code, locals));
    exports.push_back({name, argument});
  }
  static WasmBytes tell(int32_t what) { return WasmBytes().i32_const(what).call(0); }
  ModuleBuilder module;
  std::vector<Export> exports;
};

// Local 0 one less goes to `func`, or 0 comes back.
WasmBytes down_to(uint32_t func, int32_t told) {
  return Sample::tell(told)
      .local_get(0)
      .op(Op::i32_eqz)
      .block(Op::if_)
      .i32_const(told)
      .op(Op::return_)
      .end()
      .local_get(0)
      .i32_const(1)
      .op(Op::i32_sub)
      .call(func);
}

// Calls that go both ways and round in a circle, ones that end in a trap, and a tail call from
// which one comes back.
Sample circles() {
  Sample sample;
  sample.add("even", 9, down_to(2, 1));
  sample.add("odd", 9, down_to(1, 2));
  sample.add("early", 3, WasmBytes().local_get(0).call(4).i32_const(1).op(Op::i32_add));
  sample.add("late", 3, WasmBytes().local_get(0).call(1).local_get(0).call(2).op(Op::i32_sub));
  sample.add("traps", 5, WasmBytes().local_get(0).call(6));
  sample.add("divides", 0,
             WasmBytes().i32_const(7).local_get(0).i32_const(5).op(Op::i32_sub).op(Op::i32_div_s));
  sample.add("jumps", 20, testing::countdown(return_call(8)));
  sample.add("back", 21, testing::countdown(return_call(7)), {{5, L}});
  sample.add("around", 30,
             WasmBytes().local_get(0).call(7).local_get(0).call(9 + 1).op(Op::i32_add));
  sample.add("itself", 4, down_to(10, 3));
  return sample;
}

// Values of every type in every place in which calls pass them; results, too.
Sample passes() {
  Sample sample;
  const FuncType wide{{I, L, F, D, V, R, X, I, I, I, I, I, L, D}, {I, D, V, L, R, I}};
  ModuleBuilder& module = sample.module;
  module.memory({1, 1, true});
  WasmBytes back;
  for (const uint32_t local : {11u, 3u, 4u, 1u, 5u, 7u}) back.local_get(local);
  const uint32_t callee = module.func(wide, back);  // 1
  const uint32_t tail = module.func(wide, [&] {
    WasmBytes all;
    for (uint32_t i = 0; i < wide.params.size(); ++i) all.local_get(i);
    return all.append(return_call(callee));
  }());  // 2
  const auto use = [&](uint32_t func) {
    WasmBytes code;
    code.i32_const(-1).op(Op::i64_const).s64(-2).f32_const(1.5F).f64_const(2.5);
    code.v128_const({}).op(Op::ref_func).u32(callee).op(Op::ref_null).append({0x6F});
    for (int32_t i = 0; i < 5; ++i) code.local_get(0);
    code.op(Op::i64_const).s64(int64_t{1} << 40).f64_const(-0.25).call(func);
    // i32, f64, v128, i64, funcref, i32: all into one number.
    code.local_set(1).op(Op::ref_is_null).local_get(1).op(Op::i32_add).local_set(1);
    code.op(Op::i32_wrap_i64).local_get(1).op(Op::i32_add).local_set(1);
    code.op(Op::i32x4_extract_lane).u8(2).local_get(1).op(Op::i32_add).local_set(1);
    code.op(Op::i32_trunc_f64_s).local_get(1).op(Op::i32_mul).local_set(1);
    return code.local_get(1).op(Op::i32_add);
  };
  module.export_("callee", ExternKind::Func, callee);  // so that a reference to it is valid
  sample.add("direct", 7, use(callee), {{1, I}});
  sample.add("by_tail", 7, use(tail), {{1, I}});
  // An i32 with an upper half would be out of bounds.
  const uint32_t minus = module.func({{}, {I}}, WasmBytes().i32_const(-65536));
  sample.add("indexes", 0,
             WasmBytes().call(minus).i32_const(65536).op(Op::i32_add).access(Op::i32_load, 16));
  const uint32_t floats = module.func(
      {{F, D}, {F}}, WasmBytes().local_get(1).op(Op::f32_demote_f64).local_get(0).op(Op::f32_add));
  sample.add("floats", 3,
             WasmBytes()
                 .local_get(0)
                 .op(Op::f32_convert_i32_s)
                 .f64_const(4.5)
                 .call(floats)
                 .op(Op::i32_trunc_f32_s));
  return sample;
}

// An exception crosses frames of both engines, and is caught in one of them.
Sample throws() {
  Sample sample;
  const uint32_t tag = sample.module.tag({{I}, {}});
  const auto catching = [&](const WasmBytes& body) {
    return WasmBytes()
        .block(Op::block, I)
        .op(Op::try_table)
        .u8(0x40)
        .u32(1)
        .u8(0)
        .u32(tag)
        .u32(0)
        .append(body)
        .end()
        .i32_const(-1)
        .end();
  };
  sample.add("throws", 5, WasmBytes().local_get(0).op(Op::throw_).u32(tag));
  sample.add("passes", 6, Sample::tell(1).local_get(0).call(1).i32_const(1).op(Op::i32_add));
  sample.add("catches", 7, catching(WasmBytes().local_get(0).call(2).op(Op::drop)));
  sample.add("outside", 8, catching(WasmBytes().local_get(0).call(3).call(2).op(Op::drop)));
  sample.add("leaves", 9, WasmBytes().local_get(0).append(return_call(2)));
  sample.add("catches_tail", 7, catching(WasmBytes().local_get(0).call(5).op(Op::drop)));
  return sample;
}

class OnDemandTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!runtime::native_supported()) GTEST_SKIP() << "no native code on this processor";
  }
};

class Told : public testing::World {
 public:
  Told() : World({.fuel = kFuel}) {
    linker.define_func(
        "host", "tell", {{I}, {}},
        [](void* env, runtime::HostCall&, const uint64_t* args, uint64_t*) {
          static_cast<Told*>(env)->told_ += " " + std::to_string(args[0]);
          return Trap::none;
        },
        this);
  }
  // Everything that can be observed of the call.
  std::string observe(const Instance& instance, const Sample::Export& what) {
    told_.clear();
    execution.fuel = kFuel;
    execution.trace.clear();
    const std::string out = result(instance, what.name, {Value::i32(what.argument)});
    return what.name + ": " + out + ", fuel " + std::to_string(execution.fuel) + ", trace " +
           trace() + ", told" + told_;
  }
  std::vector<std::string> observe_all(const Instance& instance, const Sample& sample) {
    std::vector<std::string> all;
    for (const auto& each : sample.exports) all.push_back(observe(instance, each));
    return all;
  }

 private:
  std::string told_;
};

// Orders in which functions get code: some of all.
std::vector<std::vector<uint32_t>> orders_of(size_t bodies) {
  std::vector<uint32_t> order(bodies);
  std::iota(order.begin(), order.end(), 0u);
  std::vector<std::vector<uint32_t>> all{order};
  std::ranges::reverse(order);
  all.push_back(order);
  std::mt19937 random(20);
  for (int i = 0; i < 30; ++i) {
    std::ranges::shuffle(order, random);
    all.push_back(order);
  }
  return all;
}

void expect_same_in_any_order(const Sample& sample) {
  const std::vector<uint8_t> bytes = sample.module.build();
  Told interpreted;
  const auto expected = interpreted.observe_all(
      interpreted.instantiate(must(interpreted.load(bytes, engine::Engine::Interp))), sample);
  const size_t bodies = NeededCode(bytes).module().funcs().size();
  for (const uint64_t budget : {1, 30, 1'000'000}) {
    for (const std::vector<uint32_t>& order : orders_of(bodies)) {
      NeededCode code(bytes, true);
      Told world;
      Instance& instance = world.instantiate(code.loaded());
      EXPECT_EQ(world.observe_all(instance, sample), expected);
      for (const uint32_t body : order) {
        code.add(body, budget);
        take_code(instance);
        ASSERT_TRUE(instance.funcs[1 + body]->is_native());
        ASSERT_EQ(world.observe_all(instance, sample), expected) << "after body " << body;
      }
    }
  }
}

TEST_F(OnDemandTest, CirclesOfCallsInAnyOrder) { expect_same_in_any_order(circles()); }
TEST_F(OnDemandTest, EveryPlaceOfAValueInAnyOrder) { expect_same_in_any_order(passes()); }
TEST_F(OnDemandTest, ExceptionsInAnyOrder) { expect_same_in_any_order(throws()); }

TEST_F(OnDemandTest, APieceHasWhatIsCalledNearestFirst) {
  ModuleBuilder module;
  module.func({{}, {}}, WasmBytes());
  module.func({{}, {}}, WasmBytes().call(3).call(0));
  module.func({{}, {}}, WasmBytes().call(1).call(5));
  module.func({{}, {}}, WasmBytes().repeat(100, {0x01}));
  module.func({{}, {}}, WasmBytes());
  module.func({{}, {}}, WasmBytes().call(2));
  const auto bodies_of = [](ByteSpan piece) {
    std::vector<uint32_t> bodies;
    const auto blob = abi::decode_blob(piece);
    for (const abi::BlobFunc& func : blob->funcs) bodies.push_back(func.body);
    return bodies;
  };
  using Bodies = std::vector<uint32_t>;
  NeededCode code(module.build());
  OnDemand compiler(code.module(), baseline_tier, {.target = abi::detect_target()});
  EXPECT_EQ(bodies_of(*compiler.compile(2, 6)), (Bodies{1, 2}));
  EXPECT_TRUE(compiler.has(1) && compiler.has(2) && !compiler.has(5));
  EXPECT_EQ(bodies_of(*compiler.compile(2, 1000)), (Bodies{5}))
      << "body 1 is none of its callees left";
  EXPECT_EQ(bodies_of(*compiler.compile(1, 1)), (Bodies{3}));
  EXPECT_EQ(bodies_of(*compiler.compile(1, 1000)), (Bodies{0}));
  EXPECT_TRUE(compiler.compile(1, 1000)->empty());
  EXPECT_EQ(bodies_of(*compiler.compile(4, 1000)), (Bodies{4}));
}

abi::CodeBlob decoded(const std::vector<uint8_t>& bytes) { return must(abi::decode_blob(bytes)); }

// Three functions that call each other, each in a piece of its own, in this order.
struct Pieces {
  Pieces() {
    ModuleBuilder builder;
    builder.func({{I}, {I}}, WasmBytes().local_get(0).call(1));
    builder.func({{I}, {I}}, WasmBytes().local_get(0).call(0));
    builder.func({{}, {}}, WasmBytes());
    bytes = builder.build();
    module = must(wasm::validate_module_with_uses(must(wasm::decode_module(bytes))));
    OnDemand compiler(*module, baseline_tier, {.target = abi::detect_target()});
    for (const uint32_t body : {1u, 0u, 2u}) {
      const ByteSpan piece = must(compiler.compile(body, 1));
      all.emplace_back(piece.begin(), piece.end());
    }
  }
  // The rule by which the last one of these is refused, or "accept"; the others are accepted.
  std::string verdict(std::initializer_list<std::vector<uint8_t>> pieces) const {
    verify::Verification verification(*module, verify::Series::AsNeeded);
    std::string last = "nothing";
    for (const auto& piece : pieces) {
      EXPECT_TRUE(last == "nothing" || last == "accept") << last;
      const auto verified = verification.add(piece);
      last = verified ? "accept" : std::string(verified.error().kind->name);
    }
    return last;
  }
  std::vector<uint8_t> bytes;
  std::shared_ptr<const wasm::ValidatedModule> module;
  std::vector<std::vector<uint8_t>> all;
};

// [C1] Whatever a hostile compiler sends.
TEST(OnDemandPieces, AreAcceptedInTheirOrderAndOnce) {
  const Pieces pieces;
  const auto& [first, second, third] = std::tie(pieces.all[0], pieces.all[1], pieces.all[2]);
  EXPECT_EQ(pieces.verdict({first, second, third}), "accept");
  EXPECT_EQ(pieces.verdict({second}), "piece_place");
  EXPECT_EQ(pieces.verdict({first, first}), "piece_place");
  EXPECT_EQ(pieces.verdict({first, third}), "piece_place");
  // The same once more, after the others; and over another.
  abi::CodeBlob again = decoded(first);
  again.place.code_base = decoded(third).place.code_base;
  EXPECT_EQ(pieces.verdict({first, second, abi::encode(again)}), "function_body");
  again = decoded(third);
  again.place.code_base = 0;
  EXPECT_EQ(pieces.verdict({first, second, abi::encode(again)}), "piece_place");
  // The code of a function as that of one with another type.
  again = decoded(second);
  again.funcs[0].body = 2;
  EXPECT_NE(pieces.verdict({first, abi::encode(again)}), "accept");
  again = decoded(second);
  again.options.fuel = true;
  EXPECT_EQ(pieces.verdict({first, abi::encode(again)}), "piece_options");
  // A direct call of a piece that was never there.
  again = decoded(second);
  again.place.code_base = 0;
  EXPECT_EQ(pieces.verdict({abi::encode(again)}), "call_target");
}

// The places of a refused piece are no places.
TEST(OnDemandPieces, NoneIsAcceptedAfterARefusedOne) {
  const Pieces pieces;
  abi::CodeBlob bad = decoded(pieces.all[0]);
  bad.funcs[0].frame_size += 8;
  verify::Verification verification(*pieces.module, verify::Series::AsNeeded);
  EXPECT_FALSE(verification.add(abi::encode(bad)));
  for (const auto& piece : pieces.all) EXPECT_FALSE(verification.add(piece));
}

// [W3] No piece of one kind of series in a space that has the other's, or beyond its room.
TEST(OnDemandPieces, ArePublishedInTheirSpaceOnly) {
  const Pieces pieces;
  const auto space = must(runtime::CodeSpace::create(pieces.module, 2 * abi::kCodePage));
  verify::Verification verification(*pieces.module, verify::Series::AsNeeded);
  const auto publish = [&](verify::Verification& by, ByteSpan piece) {
    const SealedFile file = must(SealedFile::of_bytes(piece, "code"));
    const auto published = space->publish(must(by.add(file.bytes())), file);
    return published ? "" : published.error().message();
  };
  EXPECT_EQ(publish(verification, pieces.all[0]), "");
  EXPECT_NE(publish(verification, pieces.all[1]).find("not in its room"), std::string::npos);
  verify::Verification whole(*pieces.module);
  const auto code = must(compile(*pieces.module, baseline_tier, {.target = abi::detect_target()}));
  EXPECT_NE(publish(whole, code).find("of another verification"), std::string::npos);
}

// [S1] However many follow each other, with code or without, they take no more of any stack than
// one.
TEST_F(OnDemandTest, TailCallsBetweenTheEnginesOfOneInstanceTakeOneFrame) {
  ModuleBuilder module;
  module.func({{I}, {I}}, testing::countdown(return_call(1)));
  module.func({{I}, {I}}, testing::countdown(return_call(0)), {{3, D}});
  module.export_("f", ExternKind::Func, 0);
  module.export_("within", ExternKind::Func,
                 module.func({{I}, {I}}, WasmBytes().local_get(0).call(0)));
  for (const std::vector<uint32_t>& natives :
       {std::vector{0u}, {1u}, {0u, 1u}, {2u, 1u}, {0u, 2u}}) {
    NeededCode code(module.build());
    testing::World world({.stack_bytes = testing::kSmallStack});
    Instance& instance = world.instantiate(code.loaded());
    for (const uint32_t body : natives) code.add(body);
    take_code(instance);
    EXPECT_EQ(world.result(instance, "f", {Value::i32(300'001)}), "i32:42");
    EXPECT_EQ(world.result(instance, "within", {Value::i32(300'000)}), "i32:42");
  }
}

// A function that is called gets its code during the call of it, or just before.
TEST_F(OnDemandTest, CodeComesDuringTheCalls) {
  const Sample sample = circles();
  NeededCode code(sample.module.build());
  struct Feed {
    NeededCode& code;
    uint32_t next = 0;
  } feed{code};
  testing::World world;
  world.linker.define_func(
      "host", "tell", {{I}, {}},
      [](void* env, runtime::HostCall& call, const uint64_t*, uint64_t*) {
        auto& given = *static_cast<Feed*>(env);
        const auto bodies = static_cast<uint32_t>(given.code.module().funcs().size());
        if (given.next < bodies) given.code.add(bodies - ++given.next);
        take_code(*call.caller);
        return Trap::none;
      },
      &feed);
  Instance& instance = world.instantiate(code.loaded());
  EXPECT_EQ(world.result(instance, "late", {Value::i32(40)}), "i32:-1");
  for (uint32_t i = 1; i < instance.funcs.size(); ++i) EXPECT_TRUE(instance.funcs[i]->is_native());
  EXPECT_EQ(world.result(instance, "late", {Value::i32(41)}), "i32:1");
}

}  // namespace
}  // namespace cordon::jit
