// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/core/wasm/sample_module.h"

#include <random>
#include <string>

#include "tests/kit/module_builder.h"

namespace cordon::testing {
namespace {

using wasm::ExternKind;
using wasm::Op;
using wasm::ValType;

constexpr ValType kI32 = ValType::i32;

// Straight code of `steps` instructions that leaves one i32, from local 0.
WasmBytes random_code(std::mt19937& random, unsigned steps) {
  constexpr Op kBinary[] = {Op::i32_add, Op::i32_sub, Op::i32_mul, Op::i32_xor, Op::i32_rotl};
  WasmBytes code;
  code.local_get(0);
  for (unsigned i = 0; i < steps; ++i) {
    switch (random() % 6) {
      case 0: code.i32_const(static_cast<int32_t>(random())).op(kBinary[random() % 5]); break;
      case 1: code.local_tee(1).local_get(1).op(kBinary[random() % 5]); break;
      case 2: code.block(Op::block).local_get(1).br_if(0).op(Op::nop).end(); break;
      case 3:
        code.i32_const(1020)
            .op(Op::i32_and)
            .access(Op::i32_load, static_cast<uint32_t>(random() % 5000), 2);
        break;
      case 4: code.block(Op::loop, kI32).local_get(0).end().op(Op::i32_or); break;
      default: code.op(Op::i64_extend_i32_u).op(Op::i32_wrap_i64); break;
    }
  }
  return code;
}

WasmBytes every_kind_of_immediate() {
  WasmBytes code;
  code.block(Op::block).block(Op::block).local_get(0);
  code.op(Op::br_table).u32(2).u32(0).u32(1).u32(1).end().end();
  code.f32_const(1.5F).op(Op::drop).f64_const(-0.0).op(Op::drop).i64_const(-1).op(Op::drop);
  code.local_get(0).local_get(0).block_of_type(Op::if_, 0).op(Op::else_).end().op(Op::drop);
  code.op(Op::ref_null).type(ValType::externref).op(Op::ref_is_null).op(Op::drop);
  code.op(Op::ref_func).u32(2).op(Op::ref_null).type(ValType::funcref).i32_const(1);
  code.op(Op::select_t).u32(1).type(ValType::funcref).op(Op::drop);
  code.i32_const(0).i32_const(0).i32_const(0).op(Op::memory_init).u32(1).u8(0);
  code.i32_const(0).i32_const(0).i32_const(0).op(Op::memory_copy).u8(0).u8(0);
  code.i32_const(0).i32_const(0).i32_const(0).op(Op::table_init).u32(1).u32(0);
  code.i32_const(0).i32_const(0).i32_const(0).op(Op::table_copy).u32(0).u32(1);
  code.op(Op::data_drop).u32(1).op(Op::elem_drop).u32(1).op(Op::table_size).u32(1).op(Op::drop);
  code.op(Op::memory_size).u8(0).op(Op::drop).op(Op::global_get).u32(1).op(Op::drop);
  code.i32_const(7).local_get(0).op(Op::call_indirect).u32(0).u32(1);
  return code.i32_const(8).access(Op::i64_load32_s, 300, 1).op(Op::i32_wrap_i64).op(Op::i32_add);
}

}  // namespace

// The first block type is index 0, whose type is (i32) -> (i32).
std::vector<uint8_t> module_with_every_section() {
  ModuleBuilder module;
  const wasm::FuncType unary{{kI32}, {kI32}};
  module.import_func("env", "f", unary);
  module.import_table("env", "t", {ValType::funcref, {.min = 1, .max = 9, .has_max = true}});
  module.import_memory("env", "m", {.min = 1});
  module.import_global("env", "g", {kI32, false});
  const uint32_t main =
      module.func(unary, every_kind_of_immediate(), {{2, ValType::f64}, {1, kI32}});
  const uint32_t start = module.func({}, WasmBytes().op(Op::nop));
  module.table({ValType::funcref, {.min = 4}});
  module.global({ValType::i64, true}, WasmBytes().i64_const(-5));
  module.global({kI32, false}, WasmBytes().op(Op::global_get).u32(0));
  module.start(start).export_("main", ExternKind::Func, main);
  module.export_("m", ExternKind::Memory, 0).export_("t2", ExternKind::Table, 1);
  module.elem(0, {0, main, start});
  module.raw_elem(WasmBytes()
                      .u32(5)
                      .type(ValType::funcref)
                      .u32(2)
                      .op(Op::ref_func)
                      .u32(0)
                      .end()
                      .op(Op::ref_null)
                      .type(ValType::funcref)
                      .end());
  module.raw_elem(WasmBytes().u32(3).u8(0).u32(1).u32(start));
  module.data(16, "hello");
  module.passive_data("later");
  module.with_data_count().custom("note", WasmBytes{1, 2, 3});
  module.func_name(main, "main").func_name(start, "start");
  return module.build();
}

std::vector<uint8_t> large_module() {
  std::mt19937 random(20);
  ModuleBuilder module;
  module.memory({.min = 1, .max = 65'536, .has_max = true});
  for (unsigned i = 0; i < 400; ++i) {
    const uint32_t func = module.func({{kI32}, {kI32}}, random_code(random, 60), {{1, kI32}});
    module.func_name(func, "function_" + std::to_string(i));
    if (i % 10 == 0) module.export_(std::to_string(i), ExternKind::Func, func);
  }
  module.data(0, std::string(4000, 'x'));
  return module.build();
}

}  // namespace cordon::testing
