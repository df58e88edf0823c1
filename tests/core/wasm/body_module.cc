// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/core/wasm/body_module.h"

namespace cordon::testing {

using wasm::ValType;

std::vector<uint8_t> body_module(const wasm::FuncType& type, const WasmBytes& code,
                                 const std::vector<Locals>& locals) {
  ModuleBuilder builder;
  builder.type({{ValType::i32, ValType::i64}, {ValType::f32}});
  builder.type({});
  builder.type({{ValType::i32}, {ValType::i32}});
  builder.type({{ValType::i32, ValType::i32}, {ValType::i32, ValType::i32}});
  builder.import_func("env", "f", {{ValType::i32, ValType::i64}, {ValType::f32}});
  builder.func(type, code, locals);
  const uint32_t declared = builder.func({}, {});
  builder.func({}, {});
  builder.table({ValType::funcref, {.min = 10}});
  builder.table({ValType::externref, {.min = 10}});
  builder.memory({.min = 1});
  builder.global({ValType::i32, true}, WasmBytes().i32_const(0));
  builder.global({ValType::i64, false}, WasmBytes().i64_const(0));
  builder.elem(0, {declared});
  constexpr uint8_t kPassiveExpressions = 5;
  builder.raw_elem(WasmBytes().u8(kPassiveExpressions).type(ValType::externref).u32(0));
  builder.passive_data("data");
  builder.with_data_count();
  return builder.build();
}

std::string BodyVerdict::text() const {
  if (valid()) return "valid";
  return std::string(error.kind->name) + " at " +
         std::to_string(static_cast<int64_t>(error.offset) - body_offset);
}

BodyVerdict verdict_on(const wasm::FuncType& type, const WasmBytes& code,
                       const std::vector<Locals>& locals, wasm::Features features) {
  BodyVerdict verdict;
  verdict.bytes = body_module(type, code, locals);
  // The module around it uses what a test may have switched off.
  auto decoded = wasm::decode_module(verdict.bytes);
  if (!decoded) {
    verdict.error = decoded.error();
    return verdict;
  }
  decoded->features = features;
  verdict.body_offset = decoded->bodies[0].code.offset;
  auto validated = wasm::validate_module(std::move(*decoded));
  if (validated) {
    verdict.module = std::move(*validated);
  } else {
    verdict.error = validated.error();
  }
  return verdict;
}

}  // namespace cordon::testing
