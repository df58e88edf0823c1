// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// [D1] The border between an embedder and the guest, in numbers: whatever mode of floating-point
// arithmetic the embedder's thread is in, and whatever the upper half of a narrow argument or
// result holds, both engines give the same, and the embedder has its own mode afterwards.
#include <gtest/gtest.h>

#if defined(__x86_64__)
#include <xmmintrin.h>

#include <deque>

#include "tests/kit/compiling_world.h"
#include "tests/kit/engines.h"

namespace cordon {
namespace {

using engine::Engine;
using engine::Value;
using testing::ModuleBuilder;
using testing::WasmBytes;
using wasm::ExternKind;
using wasm::Op;
using wasm::ValType;

constexpr ValType kI32 = ValType::i32, kI64 = ValType::i64, kF32 = ValType::f32;

struct Mode {
  const char* name;
  unsigned mxcsr;
};
constexpr unsigned kDefault = 0x1F80, kSticky = 0x3F;
constexpr Mode kModes[] = {
    {"as usual", kDefault},
    {"flush to zero", kDefault | 0x8000},
    {"denormals are zero", kDefault | 0x0040},
    {"both", kDefault | 0x8040},
    {"down", kDefault | 0x2000},
    {"up", kDefault | 0x4000},
    {"toward zero", kDefault | 0x6000},
    {"invalid unmasked", kDefault & ~0x0080U},
    {"all unmasked", 0x0000},
    {"all unmasked, up, flushed", 0xC040},
};

// Two operands, and an operation that says which mode it ran in.
struct Sum {
  const char* name;
  Op op;
  double a, b;
};
constexpr Sum kSums[] = {
    {"inexact", Op::f64_div, 1.0, 3.0},        {"inexact and negative", Op::f64_div, -1.0, 3.0},
    {"underflow", Op::f64_mul, 2.3e-308, 0.3}, {"a denormal operand", Op::f64_add, 4e-320, 4e-320},
    {"overflow", Op::f64_mul, 1e308, 10.0},    {"divide by zero", Op::f64_div, 1.0, 0.0},
    {"invalid", Op::f64_div, 0.0, 0.0},        {"inexact sum", Op::f64_add, 1.0, 1e-20},
};

unsigned mode() { return _mm_getcsr() & ~kSticky; }

// An instance on one engine, with a host function that notes the mode it runs in.
class Side : public testing::CompilingWorld {
 public:
  explicit Side(Engine kind) : CompilingWorld({.engine = kind}) {
    linker.define_func("host", "note", {{kI32}, {kI32}}, note, this);
    linker.define_func("host", "back", {{}, {}}, back, this);
    instance_ = &instantiate(module());
  }

  // Calls `name` in that mode. Nothing here computes with floats meanwhile, which might be a fault.
  engine::Outcome call(std::string_view name, unsigned mxcsr, std::vector<Value> arguments = {}) {
    _mm_setcsr(mxcsr);
    auto outcome = engine::invoke(execution, *instance_, name, arguments);
    mode_after = mode();
    _mm_setcsr(kDefault);
    if (!outcome) {
      ADD_FAILURE() << outcome.error().message();
      return {};
    }
    return *outcome;
  }

  std::vector<unsigned> noted;
  uint64_t note_gives = 0, note_got = 0, inner_sum = 0;
  unsigned mode_after = 0;

 private:
  static Trap note(void* env, runtime::HostCall&, const uint64_t* args, uint64_t* results) {
    auto& side = *static_cast<Side*>(env);
    side.noted.push_back(mode());
    side.note_got = args[0];
    results[0] = side.note_gives;
    return Trap::none;
  }
  // Calls the guest again, once from the embedder's mode and once from one of its own.
  static Trap back(void* env, runtime::HostCall&, const uint64_t*, uint64_t*) {
    auto& side = *static_cast<Side*>(env);
    side.noted.push_back(mode());
    auto outcome = engine::invoke(side.execution, *side.instance_, "notes", {});
    side.noted.push_back(mode());
    const unsigned before = mode();
    _mm_setcsr(kDefault | 0xE000);
    outcome = engine::invoke(side.execution, *side.instance_, "inexact", {});
    side.inner_sum = outcome && !outcome->results.empty() ? outcome->results[0].slot : 0;
    _mm_setcsr(before);
    return outcome ? outcome->trap : Trap::host_failure;
  }

  static ModuleBuilder module() {
    ModuleBuilder module;
    const uint32_t note = module.import_func("host", "note", {{kI32}, {kI32}});
    const uint32_t back = module.import_func("host", "back", {{}, {}});
    module.memory({1, 1, true});
    module.data(0, "0123456789");
    const auto export_func = [&](std::string_view name, const wasm::FuncType& type,
                                 const WasmBytes& code) {
      module.export_(name, ExternKind::Func, module.func(type, code));
    };
    for (const Sum& sum : kSums) {
      export_func(
          sum.name, {{}, {kI64}},
          WasmBytes().f64_const(sum.a).f64_const(sum.b).op(sum.op).op(Op::i64_reinterpret_f64));
    }
    export_func("demote", {{}, {kI32}},
                WasmBytes().f64_const(1e-40).op(Op::f32_demote_f64).op(Op::i32_reinterpret_f32));
    export_func(
        "convert", {{}, {kI32}},
        WasmBytes().i64_const(0x1000001).op(Op::f32_convert_i64_s).op(Op::i32_reinterpret_f32));
    export_func("nearest", {{}, {kI64}},
                WasmBytes().f64_const(2.5).op(Op::f64_nearest).op(Op::i64_reinterpret_f64));
    export_func("notes", {{}, {}}, WasmBytes().i32_const(7).call(note).op(Op::drop));
    export_func("sum after the host", {{}, {kI64}},
                WasmBytes()
                    .call(back)
                    .f64_const(1)
                    .f64_const(3)
                    .op(Op::f64_div)
                    .op(Op::i64_reinterpret_f64));
    export_func("unreachable", {{}, {}}, WasmBytes().op(Op::unreachable));
    export_func("divide", {{}, {kI32}}, WasmBytes().i32_const(1).i32_const(0).op(Op::i32_div_s));
    export_func("out of bounds", {{}, {kI32}}, WasmBytes().i32_const(-1).access(Op::i32_load));
    export_func("truncate", {{}, {kI32}}, WasmBytes().f64_const(1e300).op(Op::i32_trunc_f64_s));
    // The index of an access, and an i64 made of an i32.
    export_func("load", {{kI32}, {kI32}}, WasmBytes().local_get(0).access(Op::i32_load8_u));
    export_func("extend", {{kI32}, {kI64}}, WasmBytes().local_get(0).op(Op::i64_extend_i32_u));
    export_func("bits", {{kF32}, {kI64}},
                WasmBytes().local_get(0).op(Op::i32_reinterpret_f32).op(Op::i64_extend_i32_u));
    export_func("of the host", {{}, {kI64}},
                WasmBytes().i32_const(-2).call(note).op(Op::i64_extend_i32_u));
    export_func("load of the host", {{}, {kI32}},
                WasmBytes().i32_const(-2).call(note).access(Op::i32_load8_u));
    return module;
  }

  embed::JitCodeSource compiler_;
  engine::Config config_;
  std::vector<uint8_t> bytes_;
  runtime::Store store_;
  engine::Linker linker_{store_};
  runtime::Execution execution = *runtime::Execution::create(1 << 20);
  runtime::Instance* instance_ = nullptr;
};

constexpr const char* kEngineNames[] = {"interp", "jit"};

class FloatMode : public ::testing::Test {
 protected:
  FloatMode() {
    for (const testing::EngineRow& row : testing::kEngines) sides_.emplace_back(row.engine);
  }
  std::deque<Side> sides_;  // the reference first
};

TEST_F(FloatMode, DoesNotReachTheGuest) {
  std::vector<std::string> names = {"demote", "convert", "nearest", "sum after the host"};
  for (const Sum& sum : kSums) names.emplace_back(sum.name);
  for (const std::string& name : names) {
    const engine::Outcome wanted = sides_[0].call(name, kDefault);
    ASSERT_EQ(wanted.results.size(), 1U) << name;
    for (size_t i = 0; i < std::size(sides_); ++i) {
      for (const Mode& which : kModes) {
        const engine::Outcome got = sides_[i].call(name, which.mxcsr);
        EXPECT_EQ(got.results, wanted.results) << name << ", " << which.name << kEngineNames[i];
        EXPECT_EQ(sides_[i].mode_after, which.mxcsr) << name << ", " << which.name;
        if (name == "sum after the host") EXPECT_EQ(sides_[i].inner_sum, wanted.results[0].slot);
      }
    }
  }
}

TEST_F(FloatMode, IsTheEmbeddersAgainAfterATrap) {
  for (const char* name : {"unreachable", "divide", "out of bounds", "truncate"}) {
    for (Side& side : sides_) {
      for (const Mode& which : kModes) {
        EXPECT_NE(side.call(name, which.mxcsr).trap, Trap::none);
        EXPECT_EQ(side.mode_after, which.mxcsr) << name << ", " << which.name;
      }
    }
  }
}

TEST_F(FloatMode, IsTheEmbeddersInItsHostFunctions) {
  for (Side& side : sides_) {
    for (const Mode& which : kModes) {
      side.noted.clear();
      EXPECT_EQ(side.call("notes", which.mxcsr).trap, Trap::none);
      EXPECT_EQ(side.call("sum after the host", which.mxcsr).trap, Trap::none);
      EXPECT_EQ(side.noted, std::vector<unsigned>(4, which.mxcsr)) << which.name;
    }
  }
}

// The upper half of a narrow value is ignored: the embedder's at a call, and a host function's in
// its result.
class NarrowValues : public FloatMode {};

constexpr uint64_t kGarbage = uint64_t{0xDEADBEEF} << 32;

TEST_F(NarrowValues, OfTheEmbedderAreCut) {
  for (Side& side : sides_) {
    const auto call = [&side](std::string_view name, Value argument) {
      argument.slot |= kGarbage;
      const engine::Outcome outcome = side.call(name, kDefault, {argument});
      return outcome.results.empty() ? std::string(trap_name(outcome.trap))
                                     : to_typed_text(outcome.results[0]);
    };
    EXPECT_EQ(call("load", Value::i32(3)), "i32:51");
    EXPECT_EQ(call("extend", Value::i32(0xFFFFFFFE)), "i64:4294967294");
    EXPECT_EQ(call("bits", Value::f32(1)), "i64:1065353216");
    EXPECT_EQ(call("load", Value::i32(65536)), "out_of_bounds_memory_access");
  }
}

TEST_F(NarrowValues, OfAHostFunctionAreCut) {
  for (Side& side : sides_) {
    side.note_gives = kGarbage | 4;
    EXPECT_EQ(to_typed_text(side.call("of the host", kDefault).results[0]), "i64:4");
    EXPECT_EQ(side.note_got, 0xFFFFFFFEU) << "nor of the guest";
    EXPECT_EQ(to_typed_text(side.call("load of the host", kDefault).results[0]), "i32:52");
  }
}

}  // namespace
}  // namespace cordon
#endif
