// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every vector instruction in the interpreter against the vectors of tests/vectors/lanes.h, its
// operands coming from memory, from locals and from a call, and its result going to memory.
#include "tests/vectors/lanes.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>

#include "core/wasm/signature.h"
#include "tests/kit/world.h"

namespace cordon::interp {
namespace {

using testing::Guest;
using testing::LanesVector;
using testing::ModuleBuilder;
using testing::WasmBytes;
using testing::World;
using wasm::Op;
using wasm::Signature;
using wasm::V128;
using wasm::ValType;

enum class From { Memory, Locals, Call };
constexpr From kSources[] = {From::Memory, From::Locals, From::Call};

constexpr uint32_t kResultAt = 64, kOperandSize = 16;

Op load_of(ValType type) {
  switch (type) {
    case ValType::i32: return Op::i32_load;
    case ValType::i64: return Op::i64_load;
    case ValType::f32: return Op::f32_load;
    case ValType::f64: return Op::f64_load;
    default: return Op::v128_load;
  }
}
Op store_of(ValType type) {
  switch (type) {
    case ValType::i32: return Op::i32_store;
    case ValType::i64: return Op::i64_store;
    case ValType::f32: return Op::f32_store;
    case ValType::f64: return Op::f64_store;
    default: return Op::v128_store;
  }
}

const Signature& signature_of(Op op) {
  static const std::map<Op, Signature> kSignatures = {
#define VECTOR(code, ident, text, sig, feature, kind, effect) \
  {Op::ident, wasm::parse_signature(sig)},
#define LANE(code, ident, text, lanes, sig, feature, kind, effect) \
  {Op::ident, wasm::parse_signature(sig)},
#include "core/wasm/opcodes.def"
      {Op::i8x16_shuffle, wasm::parse_signature("vv:v")},
  };
  return kSignatures.at(op);
}

bool has_lane(Op op) { return wasm::op_info(op).imm == wasm::Imm::Lane; }

// A function without parameters for one instruction and immediate: operands at 0, 16 and 32, the
// result at 64.
class Case {
 public:
  Case(ModuleBuilder& module, const LanesVector& vector) {
    const Signature& signature = signature_of(vector.op);
    const std::vector<ValType> params(signature.param_types().begin(),
                                      signature.param_types().end());
    WasmBytes loads, operation, locals;
    for (uint32_t i = 0; i < params.size(); ++i) {
      loads.i32_const(0).access(load_of(params[i]), kOperandSize * i);
    }
    operation.op(vector.op);
    if (has_lane(vector.op)) operation.u8(static_cast<uint8_t>(vector.immediate.low));
    if (vector.op == Op::i8x16_shuffle) operation.v128(vector.immediate);
    const ValType result = signature.result_types().front();
    for (uint32_t i = 0; i < params.size(); ++i) locals.local_get(i);
    const uint32_t called = module.func({params, {result}}, WasmBytes(locals).append(operation));
    const auto store = [&](const WasmBytes& code) {
      WasmBytes whole;
      return whole.i32_const(0).append(code).access(store_of(result), kResultAt);
    };
    funcs_[0] = module.func({}, store(WasmBytes(loads).append(operation)));
    funcs_[1] = module.func(
        {}, store(WasmBytes(loads).append(set_all(params)).append(locals).append(operation)),
        locals_of(params));
    funcs_[2] = module.func({}, store(WasmBytes(loads).call(called)));
  }
  uint32_t func(From from) const { return funcs_[static_cast<size_t>(from)]; }

 private:
  static WasmBytes set_all(const std::vector<ValType>& params) {
    WasmBytes code;
    for (size_t i = params.size(); i-- > 0;) code.local_set(static_cast<uint32_t>(i));
    return code;
  }
  static std::vector<testing::Locals> locals_of(const std::vector<ValType>& params) {
    std::vector<testing::Locals> locals;
    for (const ValType type : params) locals.push_back({1, type});
    return locals;
  }
  uint32_t funcs_[3];
};

using Key = std::tuple<Op, uint64_t, uint64_t>;
Key key_of(const LanesVector& vector) {
  return {vector.op, vector.immediate.low, vector.immediate.high};
}

TEST(LanesVectors, HoldWhereverTheOperandsComeFrom) {
  ModuleBuilder module;
  module.memory({.min = 1});
  std::map<Key, Case> cases;
  for (const LanesVector& vector : testing::lanes_vectors()) {
    if (cases.contains(key_of(vector))) continue;
    const Case& added = cases.emplace(key_of(vector), Case(module, vector)).first->second;
    for (const From from : kSources) {
      const uint32_t func = added.func(from);
      module.export_("f" + std::to_string(func), wasm::ExternKind::Func, func);
    }
  }
  World world;
  Guest guest(world, module);
  uint8_t* const memory = guest.instance().memory0()->base();
  for (const LanesVector& vector : testing::lanes_vectors()) {
    for (const From from : kSources) {
      std::memcpy(memory, vector.operands, sizeof vector.operands);
      std::memset(memory + kResultAt, 0, kOperandSize);
      const auto back = guest.call("f" + std::to_string(cases.at(key_of(vector)).func(from)), {});
      V128 got;
      std::memcpy(&got, memory + kResultAt, sizeof got);
      EXPECT_EQ(back.trap, Trap::none);
      EXPECT_TRUE(matches(vector, got))
          << vector << ", got " << testing::Hex{got} << ", from " << static_cast<int>(from);
    }
  }
}

}  // namespace
}  // namespace cordon::interp
