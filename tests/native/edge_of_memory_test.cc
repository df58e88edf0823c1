// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The edge of memory [M1] [D1]: every load and store with offsets up to 2^32-1, at indices around
// the end, the index coming from wherever an index can come from. Result, memory, trap and place of
// the trap are the interpreter's, which compares addresses, while compiled code lets them fault.
#include <gtest/gtest.h>

#include <cstring>

#include "tests/kit/compiling_world.h"

namespace cordon {
namespace {

using testing::ModuleBuilder;
using testing::WasmBytes;
using wasm::ExternKind;
using wasm::Op;
using wasm::ValType;

struct Access {
  Op op;
  ValType type;
  bool store;
};
constexpr Access kAccesses[] = {
#define LOAD(code, ident, text, type, memory, feature) {Op::ident, ValType::type, false},
#define STORE(code, ident, text, type, memory, feature) {Op::ident, ValType::type, true},
#include "core/wasm/opcodes.def"
};
constexpr uint32_t kOffsets[] = {0, 1, 3, 65535, 65536, 0x7fffffff, 0x80000000, 0xffffffff};
constexpr uint32_t kEnd = 65536;

// How the index is made of the parameter.
enum class Source { Parameter, Spilled, CallResult, Grow, Wrapped, Sum };
constexpr Source kSources[] = {Source::Parameter, Source::Spilled, Source::CallResult,
                               Source::Grow,      Source::Wrapped, Source::Sum};

WasmBytes index_from(Source source, uint32_t identity, uint32_t nothing) {
  WasmBytes code;
  switch (source) {
    case Source::Parameter: return code.local_get(0);
    case Source::Spilled: return code.local_get(0).call(nothing);
    case Source::CallResult: return code.local_get(0).call(identity);
    case Source::Grow:  // gives 1, one too many
      return code.i32_const(0)
          .op(Op::memory_grow)
          .u8(0)
          .local_get(0)
          .op(Op::i32_add)
          .i32_const(1)
          .op(Op::i32_sub);
    case Source::Wrapped:
      return code.local_get(0)
          .op(Op::i64_extend_i32_s)
          .i64_const(int64_t{0x5a5a5a} << 32)
          .op(Op::i64_xor)
          .op(Op::i32_wrap_i64);
    case Source::Sum:
      return code.local_get(0).i32_const(16).op(Op::i32_sub).i32_const(16).op(Op::i32_add);
  }
  return code;
}

WasmBytes value_of(ValType type) {
  switch (type) {
    case ValType::i32: return WasmBytes().i32_const(0x12345678);
    case ValType::i64: return WasmBytes().i64_const(0x123456789abcdef0);
    case ValType::f32: return WasmBytes().f32_const(1.5F);
    default: return WasmBytes().f64_const(-2.25);
  }
}

std::string name_of(size_t offset, size_t source) {
  return std::to_string(offset) + "/" + std::to_string(source);
}

// One function a pair of offset and source.
std::vector<uint8_t> module_for(const Access& access) {
  ModuleBuilder module;
  const uint32_t identity = module.func({{ValType::i32}, {ValType::i32}}, WasmBytes().local_get(0));
  const uint32_t nothing = module.func({{}, {}}, WasmBytes());
  module.memory({1, 1, true});
  module.export_("memory", ExternKind::Memory, 0);
  for (size_t o = 0; o < std::size(kOffsets); ++o) {
    for (size_t s = 0; s < std::size(kSources); ++s) {
      WasmBytes code = index_from(kSources[s], identity, nothing);
      if (access.store) code.append(value_of(access.type));
      code.access(access.op, kOffsets[o]);
      std::vector<ValType> results;
      if (!access.store) results.push_back(access.type);
      module.export_(name_of(o, s), ExternKind::Func, module.func({{ValType::i32}, results}, code));
    }
  }
  return module.build();
}

std::vector<uint32_t> indices_for(uint32_t offset) {
  std::vector<uint32_t> indices = {0, 1, 0x7fffffff, 0x80000000, 0xffffffff};
  for (int64_t d = -16; d <= 16; ++d) {
    indices.push_back(static_cast<uint32_t>(kEnd + d));
    indices.push_back(
        static_cast<uint32_t>(kEnd + d - offset));  // where index + offset is the edge
  }
  return indices;
}

// An instance on one engine.
struct Side : testing::CompilingWorld {
  Side(const std::vector<uint8_t>& bytes, engine::Engine kind)
      : CompilingWorld({.engine = kind}), instance(instantiate(testing::must(load(bytes)))) {
    for (uint32_t i = 0; i < kEnd; ++i) memory()[i] = static_cast<uint8_t>(i * 7 + i / 256);
  }
  uint8_t* memory() const { return instance.memory0()->base(); }

  std::string call(const std::string& name, uint32_t index) {
    const std::string values = result(instance, name, {engine::Value::i32(index)});
    return trace().empty() ? values : values + " at " + trace();
  }

  runtime::Instance& instance;
};

class EdgeOfMemory : public ::testing::TestWithParam<Access> {};

TEST_P(EdgeOfMemory, IsWhereTheInterpreterHasIt) {
  const std::vector<uint8_t> bytes = module_for(GetParam());
  Side interp(bytes, engine::Engine::Interp), jit(bytes, engine::Engine::Jit);
  ASSERT_NE(jit.instance.code, nullptr);
  int traps = 0, values = 0;
  for (size_t o = 0; o < std::size(kOffsets); ++o) {
    for (size_t s = 0; s < std::size(kSources); ++s) {
      for (uint32_t index : indices_for(kOffsets[o])) {
        const std::string expected = interp.call(name_of(o, s), index);
        ASSERT_EQ(jit.call(name_of(o, s), index), expected)
            << "offset " << kOffsets[o] << ", source " << s << ", index " << index;
        (expected.starts_with("trap") ? traps : values) += 1;
      }
      ASSERT_EQ(std::memcmp(interp.memory(), jit.memory(), kEnd), 0);
    }
  }
  EXPECT_GT(traps, 1000);
  EXPECT_GT(values, 200);
}

INSTANTIATE_TEST_SUITE_P(All, EdgeOfMemory, ::testing::ValuesIn(kAccesses), [](const auto& info) {
  std::string name(wasm::op_info(info.param.op).text);
  for (char& c : name) c = c == '.' ? '_' : c;
  return name;
});

}  // namespace
}  // namespace cordon
