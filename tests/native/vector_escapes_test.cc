// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Faults of vectors that other engines had and that let a guest out or computed wrongly, each by
// its name: in every engine, and compiled code with the processor's features and without. What is
// loaded is in the last bytes of memory, so an access that is too wide traps.
#include <gtest/gtest.h>

#include <bit>
#include <cstring>

#include "core/wasm/semantics.h"
#include "core/wasm/semantics_vector.h"
#include "tests/kit/compiling_world.h"
#include "tests/kit/module_builder.h"

namespace cordon {
namespace {

using testing::LoneGuest;
using testing::ModuleBuilder;
using testing::Returned;
using testing::WasmBytes;
using wasm::LanesOf;
using wasm::Op;
using wasm::V128;
using wasm::ValType;

constexpr uint32_t kEnd = 65536;
constexpr int32_t kOdd = 1;  // added to the address where an access must trap
// The last bytes of memory, which are floats of both widths: -2.5, 0, -1.9375.
constexpr V128 kLast{0xC004'0000'0000'0000, 0xBFF8'0000'0000'0000};
constexpr V128 kOther{0x3FF8'0100'42C8'FF80, 0x8001'7FFF'C0A0'0003};

struct Tier {
  std::string_view name;
  engine::Engine engine;
  uint32_t features;
};
constexpr Tier kTiers[] = {{"Interp", engine::Engine::Interp, 0},
                           {"Jit", engine::Engine::Jit, ~uint32_t{0}},
                           {"JitWithoutFeatures", engine::Engine::Jit, 0}};

template <class T>
V128 vector_of(const LanesOf<T>& lanes) {
  return std::bit_cast<V128>(lanes);
}

class VectorEscapes : public ::testing::TestWithParam<Tier> {
 protected:
  // A function of an address that leaves a vector: at the last bytes that it may load, `width`
  // many, it gives `expected`; one further it traps.
  void add_load(const WasmBytes& code, uint32_t width, V128 expected, std::string what) {
    add({{ValType::i32}, {ValType::v128}}, code, {kEnd - width}, expected, what);
    cases_.push_back({cases_.back().func, {kEnd - width + kOdd}, {}, true, what + ", one too far"});
  }
  void add(const wasm::FuncType& type, const WasmBytes& code, std::vector<uint64_t> args,
           V128 expected, std::string what) {
    const std::string name = "f" + std::to_string(cases_.size());
    module_.export_(name, wasm::ExternKind::Func, module_.func(type, code));
    cases_.push_back({name, std::move(args), expected, false, std::move(what)});
  }
  // A row of two vectors, either of which is a constant or a parameter.
  void add_pair(const WasmBytes& row, V128 left, V128 right, V128 expected,
                const std::string& what) {
    for (unsigned constants = 0; constants < 4; ++constants) {
      WasmBytes code;
      (constants & 1) != 0 ? code.v128_const(left) : code.local_get(0);
      (constants & 2) != 0 ? code.v128_const(right) : code.local_get(1);
      add({{ValType::v128, ValType::v128}, {ValType::v128}}, code.append(row),
          {left.low, left.high, right.low, right.high}, expected, what);
    }
  }

  void run() {
    ASSERT_FALSE(cases_.empty());
    module_.memory({1, 1, true});
    const LoneGuest guest(module_.build(), GetParam().engine,
                          {.target = {abi::detect_target().cpu_features & GetParam().features}});
    uint8_t* const memory = guest.instance().memory0()->base();
    for (const Case& each : cases_) {
      std::memcpy(memory + kEnd - sizeof kLast, &kLast, sizeof kLast);
      const Returned back = guest.call(each.func, each.args);
      if (each.traps) {
        EXPECT_EQ(back.trap, Trap::out_of_bounds_memory_access) << each.what;
        continue;
      }
      ASSERT_EQ(back.trap, Trap::none) << each.what;
      EXPECT_EQ(back.results, (std::vector<uint64_t>{each.expected.low, each.expected.high}))
          << each.what;
    }
  }

 private:
  struct Case {
    std::string func;
    std::vector<uint64_t> args;
    V128 expected;
    bool traps;
    std::string what;
  };
  ModuleBuilder module_;
  std::vector<Case> cases_;
};

// What a load of the last bytes leaves, and how to make it of the address in local 0.
struct Loaded {
  const char* text;
  WasmBytes code;
  uint32_t width;
  V128 value;
};
std::vector<Loaded> narrow_loads() {
  const auto of = [](Op op) { return WasmBytes().local_get(0).access(op); };
  const auto splat = [&](Op load, Op to) { return of(load).op(to); };
  const auto word = static_cast<uint32_t>(kLast.high >> 32);
  const auto half = static_cast<uint16_t>(kLast.high >> 48);
  const auto byte = static_cast<uint8_t>(kLast.high >> 56);
  const auto words = vector_of<uint32_t>({word, word, word, word});
  const V128 doubles{kLast.high, kLast.high};
  LanesOf<uint16_t> halves;
  halves.fill(half);
  LanesOf<uint8_t> bytes;
  bytes.fill(byte);
  return {{"load64_zero", of(Op::v128_load64_zero), 8, {kLast.high, 0}},
          {"load32_zero", of(Op::v128_load32_zero), 4, {word, 0}},
          {"load64_splat", of(Op::v128_load64_splat), 8, doubles},
          {"load32_splat", of(Op::v128_load32_splat), 4, words},
          {"load16_splat", of(Op::v128_load16_splat), 2, vector_of<uint16_t>(halves)},
          {"load8_splat", of(Op::v128_load8_splat), 1, vector_of<uint8_t>(bytes)},
          {"splat of i64.load", splat(Op::i64_load, Op::i64x2_splat), 8, doubles},
          {"splat of f64.load", splat(Op::f64_load, Op::f64x2_splat), 8, doubles},
          {"splat of i32.load", splat(Op::i32_load, Op::i32x4_splat), 4, words},
          {"splat of f32.load", splat(Op::f32_load, Op::f32x4_splat), 4, words},
          {"splat of i32.load16_u", splat(Op::i32_load16_u, Op::i16x8_splat), 2,
           vector_of<uint16_t>(halves)},
          {"splat of i32.load8_s", splat(Op::i32_load8_s, Op::i8x16_splat), 1,
           vector_of<uint8_t>(bytes)}};
}

using Unary = V128 (*)(V128);
using Binary = V128 (*)(V128, V128);
struct Row {
  const char* text;
  Op op;
  Unary unary;
  Binary binary;
};
template <class F>
constexpr Row row(const char* text, Op op, F meaning) {
  if constexpr (std::is_same_v<F, Unary>) return {text, op, meaning, nullptr};
  if constexpr (std::is_same_v<F, Binary>) return {text, op, nullptr, meaning};
  return {text, op, nullptr, nullptr};
}
constexpr Row kRows[] = {
#define VECTOR(code, ident, text, sig, feature, kind, effect) \
  row(text, Op::ident, &wasm::sem::ident),
#include "core/wasm/opcodes.def"
};

// An instruction reads 16 bytes where the guest's load reads 8 or fewer.
TEST_P(VectorEscapes, ANarrowLoadIsNotFoldedIntoAnOperandOf16Bytes) {
  for (const Loaded& load : narrow_loads()) {
    for (const Row& each : kRows) {
      const std::string what = std::string(each.text) + " of " + load.text;
      if (each.unary != nullptr) {
        add_load(WasmBytes(load.code).op(each.op), load.width, each.unary(load.value), what);
      }
      if (each.binary == nullptr) continue;
      add_load(WasmBytes(load.code).v128_const(kOther).op(each.op), load.width,
               each.binary(load.value, kOther), what + ", on the left");
      add_load(WasmBytes().v128_const(kOther).append(load.code).op(each.op), load.width,
               each.binary(kOther, load.value), what + ", on the right");
    }
  }
  run();
}

// A load of 16 bytes of which 8 or fewer are used still is one of 16.
TEST_P(VectorEscapes, AWideLoadIsNotNarrowed) {
  const WasmBytes load = WasmBytes().local_get(0).access(Op::v128_load);
  for (const Row& each : kRows) {
    if (each.unary == nullptr) continue;
    add_load(WasmBytes(load).op(each.op), 16, each.unary(kLast), each.text);
  }
  add_load(WasmBytes(load).op(Op::f64x2_extract_lane).u8(0).op(Op::f64x2_splat), 16,
           {kLast.low, kLast.low}, "extract_lane");
  run();
}

TEST_P(VectorEscapes, SplatFromTheLastBytesOfMemory) {
  for (const Loaded& load : narrow_loads()) add_load(load.code, load.width, load.value, load.text);
  run();
}

// The mask of copysign has 16 bytes, its operands have 4 or 8.
TEST_P(VectorEscapes, CopysignByALoad) {
  constexpr uint64_t kSign = uint64_t{1} << 63;
  const auto f64 = [](uint64_t bits) { return WasmBytes().f64_const(std::bit_cast<double>(bits)); };
  const auto f32 = [](uint32_t bits) { return WasmBytes().f32_const(std::bit_cast<float>(bits)); };
  const WasmBytes wide = WasmBytes().local_get(0).access(Op::f64_load);
  const WasmBytes narrow = WasmBytes().local_get(0).access(Op::f32_load);
  const auto expect = [&](const WasmBytes& code, uint64_t value, const char* what) {
    add_load(WasmBytes(code).op(Op::f64x2_splat), 8, {value, value}, what);
  };
  const auto expect32 = [&](const WasmBytes& code, uint32_t value, const char* what) {
    const uint64_t both = uint64_t{value} << 32 | value;
    add_load(WasmBytes(code).op(Op::f32x4_splat), 4, {both, both}, what);
  };
  const auto word = static_cast<uint32_t>(kLast.high >> 32);
  for (const uint64_t sign : {uint64_t{0}, kSign}) {
    const uint64_t number = 0x3FF4'0000'0000'0000 | sign;
    const auto short_number = static_cast<uint32_t>(number >> 32);
    expect(WasmBytes(wide).append(f64(number)).op(Op::f64_copysign), (kLast.high & ~kSign) | sign,
           "f64, on the left");
    expect(f64(number).append(wide).op(Op::f64_copysign), (number & ~kSign) | (kLast.high & kSign),
           "f64, on the right");
    expect32(WasmBytes(narrow).append(f32(short_number)).op(Op::f32_copysign),
             (word & 0x7FFF'FFFF) | static_cast<uint32_t>(sign >> 32), "f32, on the left");
    expect32(f32(short_number).append(narrow).op(Op::f32_copysign),
             (short_number & 0x7FFF'FFFF) | (word & 0x8000'0000), "f32, on the right");
  }
  expect(WasmBytes(wide).op(Op::f64_abs), kLast.high & ~kSign, "f64.abs");
  expect(WasmBytes(wide).op(Op::f64_neg), kLast.high ^ kSign, "f64.neg");
  expect32(WasmBytes(narrow).op(Op::f32_abs), word & 0x7FFF'FFFF, "f32.abs");
  expect32(WasmBytes(narrow).op(Op::f32_neg), word ^ 0x8000'0000, "f32.neg");
  run();
}

// Lanes 15 and 16 are the border of the operands, and where immediates of 8 and of 16 bytes end.
TEST_P(VectorEscapes, ShuffleMasksOf15And16) {
  std::vector<LanesOf<uint8_t>> masks;
  LanesOf<uint8_t> mask;
  for (const unsigned lane : {0u, 7u, 8u, 14u, 15u, 16u, 17u, 23u, 24u, 31u}) {
    mask.fill(static_cast<uint8_t>(lane));
    masks.push_back(mask);
    for (unsigned i = 0; i < 16; ++i) mask[i] = static_cast<uint8_t>((lane + i) % 32);
    masks.push_back(mask);
    for (unsigned i = 0; i < 16; ++i) mask[i] = static_cast<uint8_t>((lane + i) % 16 + (lane & 16));
    masks.push_back(mask);
    for (unsigned changed = 0; changed < 16; ++changed) {
      for (const unsigned base : {0u, 16u}) {
        for (unsigned i = 0; i < 16; ++i) mask[i] = static_cast<uint8_t>(base + i);
        mask[changed] = static_cast<uint8_t>(lane);
        masks.push_back(mask);
      }
    }
  }
  for (unsigned i = 0; i < 16; ++i) mask[i] = i % 2 != 0 ? 15 : 16;
  masks.push_back(mask);
  const V128 left{0x0706'0504'0302'0100, 0x0F0E'0D0C'0B0A'0908};
  const V128 right{0x1716'1514'1312'1110, 0x1F1E'1D1C'1B1A'1918};
  for (const LanesOf<uint8_t>& lanes : masks) {
    const WasmBytes row = WasmBytes().op(Op::i8x16_shuffle).raw(lanes);
    // The lanes are their own numbers.
    add_pair(row, left, right, vector_of<uint8_t>(lanes), "shuffle");
  }
  run();
}

// Counts are modulo the width of a lane, in the immediate of an instruction too.
TEST_P(VectorEscapes, ShiftsByImmediates) {
  const auto shifts = [&]<class T>(T, Op left, Op right_s, Op right_u) {
    using Unsigned = std::make_unsigned_t<T>;
    constexpr unsigned kBits = 8 * sizeof(T);
    const LanesOf<T> lanes = wasm::lanes_of<T>(kOther);
    const auto each = [&](Op op, int32_t count, auto meaning) {
      LanesOf<T> expected;
      for (size_t i = 0; i < lanes.size(); ++i) {
        expected[i] = static_cast<T>(meaning(lanes[i], static_cast<uint32_t>(count) % kBits));
      }
      const std::string what = std::string(wasm::op_info(op).text) + " by " + std::to_string(count);
      const auto code = [&] { return WasmBytes().local_get(0); };
      add({{ValType::v128, ValType::i32}, {ValType::v128}}, code().i32_const(count).op(op),
          {kOther.low, kOther.high, 0}, vector_of<T>(expected), what);
      add({{ValType::v128, ValType::i32}, {ValType::v128}}, code().local_get(1).op(op),
          {kOther.low, kOther.high, static_cast<uint32_t>(count)}, vector_of<T>(expected), what);
    };
    std::vector<int32_t> counts = {-1, -8, INT32_MIN, INT32_MAX, 255, 256, 257};
    for (int32_t count = 0; count <= 130; ++count) counts.push_back(count);
    for (const int32_t count : counts) {
      each(left, count, [](T lane, unsigned by) { return static_cast<Unsigned>(lane) << by; });
      each(right_s, count, [](T lane, unsigned by) { return lane >> by; });
      each(right_u, count, [](T lane, unsigned by) { return static_cast<Unsigned>(lane) >> by; });
    }
  };
  shifts(int8_t{}, Op::i8x16_shl, Op::i8x16_shr_s, Op::i8x16_shr_u);
  shifts(int16_t{}, Op::i16x8_shl, Op::i16x8_shr_s, Op::i16x8_shr_u);
  shifts(int32_t{}, Op::i32x4_shl, Op::i32x4_shr_s, Op::i32x4_shr_u);
  shifts(int64_t{}, Op::i64x2_shl, Op::i64x2_shr_s, Op::i64x2_shr_u);
  run();
}

// Constant operands that are folded into something else.
TEST_P(VectorEscapes, SwizzleAndSelectWithConstants) {
  const V128 lanes{0x0706'0504'0302'0100, 0x0F0E'0D0C'0B0A'0908};
  LanesOf<uint8_t> indices;
  for (unsigned base = 0; base < 256; base += 5) {
    for (unsigned i = 0; i < 16; ++i) indices[i] = static_cast<uint8_t>(base + i * (base % 3));
    LanesOf<uint8_t> expected;
    for (unsigned i = 0; i < 16; ++i) expected[i] = indices[i] < 16 ? indices[i] : 0;
    add_pair(WasmBytes().op(Op::i8x16_swizzle), lanes, vector_of<uint8_t>(indices),
             vector_of<uint8_t>(expected), "swizzle");
  }
  constexpr V128 kNone{}, kAll{~uint64_t{0}, ~uint64_t{0}}, kHalf{~uint64_t{0}, 0};
  for (const V128 mask : {kNone, kAll, kHalf, kLast}) {
    for (const V128 left : {kNone, kAll, kOther}) {
      const V128 expected{(left.low & mask.low) | (lanes.low & ~mask.low),
                          (left.high & mask.high) | (lanes.high & ~mask.high)};
      const WasmBytes row = WasmBytes().v128_const(mask).op(Op::v128_bitselect);
      add_pair(row, left, lanes, expected, "bitselect");
      const WasmBytes by_local = WasmBytes().local_get(2).op(Op::v128_bitselect);
      add({{ValType::v128, ValType::v128, ValType::v128}, {ValType::v128}},
          WasmBytes().v128_const(left).local_get(1).append(by_local),
          {0, 0, lanes.low, lanes.high, mask.low, mask.high}, expected, "bitselect by a local");
    }
  }
  for (const int32_t condition : {0, 1, INT32_MIN, 256}) {
    const V128 expected = condition != 0 ? kOther : lanes;
    add_pair(WasmBytes().i32_const(condition).op(Op::select), kOther, lanes, expected, "select");
  }
  run();
}

INSTANTIATE_TEST_SUITE_P(Tiers, VectorEscapes, ::testing::ValuesIn(kTiers),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace cordon
