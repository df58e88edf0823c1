// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The functions of the golden tests. Function 0 of each module is the case; what it calls or uses
// comes with every module: an import, a callee, a table, a memory, globals.
#include "tests/core/jit/golden_cases.h"

#include "core/wasm/op.h"

namespace cordon::testing {

using enum wasm::Op;
using wasm::ValType;

namespace {

constexpr ValType kI = ValType::i32, kL = ValType::i64, kF = ValType::f32, kD = ValType::f64;

WasmBytes b() { return {}; }
// The operands are parameters 0 and 1.
WasmBytes two(wasm::Op op) { return b().local_get(0).local_get(1).op(op); }
WasmBytes one(wasm::Op op) { return b().local_get(0).op(op); }
WasmBytes with_const(wasm::Op op, int32_t value) {
  return b().local_get(0).i32_const(value).op(op);
}

GoldenCase unary(const char* name, ValType from, ValType to, wasm::Op op) {
  return {name, {{from}, {to}}, one(op)};
}
GoldenCase binary(const char* name, ValType type, ValType to, wasm::Op op) {
  return {name, {{type, type}, {to}}, two(op)};
}

}  // namespace

std::vector<GoldenCase> integer_cases() {
  return {
      binary("i32.add", kI, kI, i32_add),
      binary("i64.sub", kL, kL, i64_sub),
      {"i32.add of a constant", {{kI}, {kI}}, with_const(i32_add, 7)},
      {"constants fold", {{}, {kI}}, b().i32_const(6).i32_const(7).op(i32_mul)},
      {"i32.mul by a power of two", {{kI}, {kI}}, with_const(i32_mul, 8)},
      {"i32.mul by a constant", {{kI}, {kI}}, with_const(i32_mul, 100)},
      {"shift into an add",
       {{kI, kI}, {kI}},
       b().local_get(0).local_get(1).i32_const(2).op(i32_shl).op(i32_add)},
      {"i32.shl by a constant", {{kI}, {kI}}, with_const(i32_shl, 5)},
      binary("i32.shr_u", kI, kI, i32_shr_u),
      binary("i32.rotl", kI, kI, i32_rotl),
      binary("i32.div_s", kI, kI, i32_div_s),
      binary("i64.rem_s", kL, kL, i64_rem_s),
      {"i32.div_u by a constant", {{kI}, {kI}}, with_const(i32_div_u, 10)},
      {"i32.div_u by a power of two", {{kI}, {kI}}, with_const(i32_div_u, 16)},
      {"i32.rem_s by a constant", {{kI}, {kI}}, with_const(i32_rem_s, 10)},
      unary("i32.clz", kI, kI, i32_clz),
      unary("i64.popcnt", kL, kL, i64_popcnt),
      binary("i32.lt_s", kI, kI, i32_lt_s),
      unary("i64.eqz", kL, kI, i64_eqz),
      {"comparison with a constant on the left",
       {{kI}, {kI}},
       b().i32_const(5).local_get(0).op(i32_lt_u)},
      {"select by a comparison",
       {{kI, kI}, {kI}},
       b().local_get(0).local_get(1).local_get(0).local_get(1).op(i32_lt_s).op(select)},
      unary("i32.wrap_i64", kL, kI, i32_wrap_i64),
      unary("i64.extend_i32_u", kI, kL, i64_extend_i32_u),
      unary("i32.extend8_s", kI, kI, i32_extend8_s),
  };
}

std::vector<GoldenCase> float_cases() {
  return {
      binary("f64.add", kD, kD, f64_add),
      {"f64.mul by a constant", {{kD}, {kD}}, b().local_get(0).f64_const(0.5).op(f64_mul)},
      binary("f32.min", kF, kF, f32_min),
      binary("f64.copysign", kD, kD, f64_copysign),
      unary("f32.neg", kF, kF, f32_neg),
      unary("f64.nearest", kD, kD, f64_nearest),
      binary("f64.lt", kD, kI, f64_lt),
      binary("f64.eq", kD, kI, f64_eq),
      unary("i32.trunc_f64_s", kD, kI, i32_trunc_f64_s),
      unary("i64.trunc_f32_u", kF, kL, i64_trunc_f32_u),
      unary("i32.trunc_sat_f64_s", kD, kI, i32_trunc_sat_f64_s),
      unary("i64.trunc_sat_f64_u", kD, kL, i64_trunc_sat_f64_u),
      unary("f64.convert_i64_u", kL, kD, f64_convert_i64_u),
      unary("f32.convert_i32_u", kI, kF, f32_convert_i32_u),
      unary("f32.demote_f64", kD, kF, f32_demote_f64),
      unary("i64.reinterpret_f64", kD, kL, i64_reinterpret_f64),
      {"branch on equality of floats",
       {{kD, kD}, {kI}},
       b().block(block).append(two(f64_eq)).br_if(0).i32_const(1).op(return_).end().i32_const(2)},
  };
}

std::vector<GoldenCase> memory_cases() {
  return {
      {"i32.load", {{kI}, {kI}}, b().local_get(0).access(i32_load, 16)},
      {"i64.load8_s", {{kI}, {kL}}, b().local_get(0).access(i64_load8_s)},
      {"f64.store", {{kI, kD}, {}}, b().local_get(0).local_get(1).access(f64_store, 8)},
      {"store of a constant", {{kI}, {}}, b().local_get(0).i32_const(-1).access(i32_store16)},
      {"load at a constant", {{}, {kI}}, b().i32_const(1024).access(i32_load, 8)},
      {"largest displacement", {{kI}, {kI}}, b().local_get(0).access(i32_load, 0x7FFF'FFFF)},
      {"offset beyond a displacement",
       {{kI}, {kI}},
       b().local_get(0).access(i32_load, 0x8000'0000)},
      {"load into an operation",
       {{kI, kI}, {kI}},
       b().local_get(0).local_get(1).access(i32_load, 4).op(i32_add)},
      {"no sum is folded into the address",
       {{kI}, {kI}},
       b().append(with_const(i32_add, 4)).access(i32_load)},
      {"address from a 64-bit value", {{kL}, {kI}}, b().append(one(i32_wrap_i64)).access(i32_load)},
      {"memory.size", {{}, {kI}}, b().op(memory_size).u8(0)},
      {"memory.grow", {{kI}, {kI}}, b().local_get(0).op(memory_grow).u8(0)},
      {"memory.copy",
       {{kI, kI, kI}, {}},
       b().local_get(0).local_get(1).local_get(2).op(memory_copy).u8(0).u8(0)},
      {"global",
       {{}, {}},
       b().op(global_get).u32(0).i64_const(1).op(i64_add).op(global_set).u32(0)},
      {"table.get", {{kI}, {kI}}, b().local_get(0).op(table_get).u32(0).op(ref_is_null)},
  };
}

std::vector<GoldenCase> control_cases() {
  const WasmBytes sum = b().block(loop)
                            .local_get(1)
                            .local_get(0)
                            .access(i32_load)
                            .op(i32_add)
                            .local_set(1)
                            .local_get(0)
                            .i32_const(4)
                            .op(i32_add)
                            .local_tee(0)
                            .i32_const(64)
                            .op(i32_ne)
                            .br_if(0)
                            .end()
                            .local_get(1);
  return {
      {"nothing", {{}, {}}, b()},
      {"unreachable", {{}, {}}, b().op(unreachable)},
      {"if else with a result",
       {{kI}, {kI}},
       b().local_get(0).block(if_, kI).i32_const(1).op(else_).i32_const(2).end()},
      {"if without else",
       {{kI, kI}, {kI}},
       b().append(two(i32_lt_s)).block(if_).local_get(1).local_set(0).end().local_get(0)},
      {"a loop over memory", {{kI}, {kI}}, sum, {{1, kI}}},
      {"a loop over floats",
       {{kI}, {kD}},
       b().block(loop)
           .local_get(1)
           .local_get(0)
           .access(f64_load)
           .op(f64_add)
           .local_set(1)
           .local_get(0)
           .i32_const(8)
           .op(i32_sub)
           .local_tee(0)
           .br_if(0)
           .end()
           .local_get(1),
       {{1, kD}}},
      {"br_table",
       {{kI}, {kI}},
       b().block(block)
           .block(block)
           .block(block)
           .local_get(0)
           .op(br_table)
           .u32(2)
           .u32(0)
           .u32(1)
           .u32(2)
           .end()
           .i32_const(10)
           .op(return_)
           .end()
           .i32_const(20)
           .op(return_)
           .end()
           .i32_const(30)},
      {"br_if with a value",
       {{kI}, {kI}},
       b().block(block, kI).i32_const(7).local_get(0).br_if(0).op(drop).i32_const(8).end()},
      {"call", {{kI, kI}, {kI}}, b().local_get(1).local_get(0).call(1)},
      {"a pinned local lives over a call",
       {{kI}, {kI}},
       b().local_get(0).local_get(0).call(1).local_get(0).op(i32_add)},
      {"a call within a loop",
       {{kI}, {}},
       b().block(loop).local_get(0).local_get(0).call(1).local_tee(0).br_if(0).end()},
      {"call of an import", {{kI}, {kL}}, b().local_get(0).f64_const(1.5).call(0)},
      {"call_indirect",
       {{kI, kI, kI}, {kI}},
       b().local_get(0).local_get(1).local_get(2).op(call_indirect).u32(0).u32(0)},
      {"several results", {{kI, kI}, {kI, kI}}, b().local_get(1).local_get(0)},
      {"more parameters than registers",
       {{kI, kI, kI, kI, kI, kI, kI, kI}, {kI}},
       b().local_get(0).local_get(7).op(i32_sub)},
      {"a local that is set in a branch",
       {{kI}, {kI}},
       b().local_get(0).block(if_).i32_const(3).local_set(1).end().local_get(1),
       {{1, kI}}},
  };
}

}  // namespace cordon::testing
