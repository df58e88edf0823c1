// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/cli/spectest.h"

#include "core/engine/value.h"

namespace cordon::cli {

namespace {

using engine::Value;
using wasm::ValType;

constexpr std::string_view kModule = "spectest";

struct PrintFunc {
  std::string_view name;
  std::vector<ValType> params;
};

Trap print(void*, runtime::HostCall&, const uint64_t*, uint64_t*) { return Trap::none; }

}  // namespace

Result<void> define_spectest(runtime::Store& store, engine::Linker& linker) {
  const PrintFunc print_funcs[] = {
      {"print", {}},
      {"print_i32", {ValType::i32}},
      {"print_i64", {ValType::i64}},
      {"print_f32", {ValType::f32}},
      {"print_f64", {ValType::f64}},
      {"print_i32_f32", {ValType::i32, ValType::f32}},
      {"print_f64_f64", {ValType::f64, ValType::f64}},
  };
  for (const PrintFunc& func : print_funcs) {
    linker.define_func(kModule, func.name, {func.params, {}}, print, nullptr);
  }
  const std::pair<std::string_view, Value> globals[] = {
      {"global_i32", Value::i32(666)},
      {"global_i64", Value::i64(666)},
      {"global_f32", Value::f32(666.6F)},
      {"global_f64", Value::f64(666.6)},
  };
  for (const auto& [name, value] : globals) {
    linker.define(kModule, name, TRY(store.add_global({value.type, false}, value.slot)));
  }
  runtime::Table* table = TRY(store.add_table({ValType::funcref, {10, 20, true}}));
  linker.define(kModule, "table", table);
  runtime::Memory* memory = TRY(store.add_memory({{1, 2, true}}));
  linker.define(kModule, "memory", memory);
  return {};
}

}  // namespace cordon::cli
