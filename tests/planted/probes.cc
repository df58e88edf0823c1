// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each module has the same surroundings: function 0 is an import, 1 to 3 are callees, 4 is the
// probe; a memory, a table, globals.
#include "tests/planted/probes.h"

#include "core/wasm/op.h"
#include "tests/kit/module_builder.h"

namespace cordon::planted {

using enum wasm::Op;
using testing::Locals;
using testing::WasmBytes;
using wasm::ValType;

namespace {

constexpr ValType kI = ValType::i32, kL = ValType::i64, kD = ValType::f64, kV = ValType::v128;
constexpr uint32_t kImport = 0, kToInt = 1, kToLong = 2, kToTwo = 3;

WasmBytes b() { return {}; }
// What is on the stack is used as an address.
WasmBytes loaded(const WasmBytes& index) { return b().append(index).access(i32_load, 8); }

std::vector<uint8_t> module_of(const wasm::FuncType& type, const WasmBytes& code,
                               const std::vector<Locals>& locals = {}) {
  testing::ModuleBuilder module;
  const wasm::FuncType callee{{kI, kI}, {kI}};
  module.type(callee);
  module.import_func("m", "f", {{kI, kD}, {kI}});
  module.memory({1, 1, true});
  module.table({ValType::funcref, {2, 2, true}});
  module.global({kL, true}, b().i64_const(0));
  module.global({kI, true}, b().i32_const(0));
  module.func(callee, b().local_get(0).local_get(1).op(i32_xor));
  module.func({{kI}, {kL}}, b().local_get(0).op(i64_extend_i32_u));
  module.func({{kI, kI}, {kL, kI}}, b().i64_const(9).local_get(0));
  const uint32_t func = module.func(type, code, locals);
  module.tag({{kI, kL}, {}});
  module.export_("f", wasm::ExternKind::Func, func);
  return module.build();
}

// Throws where the callee gives 0, and catches that: by a clause, and by a legacy block after code
// that has just made an i32.
WasmBytes caught_by_clause() {
  const WasmBytes throws = b().local_get(0).i64_const(5).op(throw_).u32(0);
  WasmBytes code = b().block(block).op(try_table).u8(0x40).append({1, 2, 0});
  code.local_get(0).local_get(0).call(kToInt).op(i32_eqz).block(if_).append(throws).end();
  return code.end().end().local_get(0);
}
WasmBytes caught_by_legacy_block() {
  WasmBytes code = b().op(try_).type(kI).local_get(0).local_get(0).call(kToInt);
  return code.op(catch_).u32(0).op(drop).local_set(0).local_get(0).end();
}

// Functions of two i32 and an i64 that make an index and use it.
std::vector<WasmBytes> indices() {
  const auto two = [](wasm::Op op) { return b().local_get(0).local_get(1).op(op); };
  const auto wrapped = [](const WasmBytes& value) { return b().append(value).op(i32_wrap_i64); };
  const auto longs = [](wasm::Op op) { return b().local_get(2).local_get(2).op(op); };
  const WasmBytes callee = b().i32_const(1).i32_const(2).call(kToInt);
  return {
      // Reloaded after a call: a local, an operand; one that was added to.
      b().append(callee).op(drop).local_get(0),
      b().append(two(i32_add)).append(callee).op(drop),
      b().append(two(i32_add)).append(callee).op(i32_add),
      b().local_get(0).i32_const(1 << 30).op(i32_add),
      two(i32_add),
      two(i32_sub),
      two(i32_mul),
      two(i32_shl),
      b().local_get(0).i32_const(3).op(i32_shl),
      b().local_get(0).local_get(1).i32_const(2).op(i32_shl).op(i32_add),
      b().local_get(0).op(i32_extend8_s),
      b().local_get(0).access(i32_load, 4),
      wrapped(b().local_get(2)),
      wrapped(b().local_get(2).op(i64x2_splat).op(i64x2_extract_lane).u8(1)),
      wrapped(longs(i64_div_u)),
      wrapped(longs(i64_rem_u)),
      wrapped(longs(i64_div_s)),
      wrapped(b().local_get(0).call(kToLong)),
      callee,
      b().local_get(0).f64_const(1.5).call(kImport),
      b().local_get(0).op(memory_grow).u8(0),
      b().op(memory_size).u8(0),
      b().op(global_get).u32(1),
      b().local_get(0).local_get(1).local_get(0).op(call_indirect).u32(0).u32(0),
      b().local_get(0).local_get(1).call(kToTwo).local_set(0).op(drop).local_get(0),
      b().local_get(0).block(if_, kI).append(callee).op(else_).local_get(1).end(),
      wrapped(
          b().local_get(0).block(if_, kL).local_get(0).call(kToLong).op(else_).local_get(2).end()),
  };
}

WasmBytes table_of_blocks() {
  WasmBytes code = b().block(block).block(block).block(block).local_get(0).op(br_table).u32(2);
  code.u32(0).u32(1).u32(2).end().i32_const(10).op(return_).end().i32_const(20).op(return_).end();
  return code.i32_const(30);
}

// More locals than registers, and than a small frame has room for; all are alive over a call.
WasmBytes large_frame(uint32_t locals) {
  WasmBytes code;
  for (uint32_t i = 0; i < locals; ++i) {
    code.local_get(0).i32_const(static_cast<int32_t>(i)).op(i32_add).local_set(i + 1);
  }
  code.local_get(0).local_get(1).call(kToInt);
  for (uint32_t i = 0; i < locals; ++i) code.local_get(i + 1).op(i32_add);
  return code;
}

std::vector<std::vector<uint8_t>> others() {
  const WasmBytes counted =
      b().block(loop).local_get(0).i32_const(1).op(i32_sub).local_tee(0).br_if(0).end();
  return {
      module_of({{kI, kI, kL}, {}}, b().local_get(0).local_get(1).access(i32_store, 16)),
      module_of({{kI}, {kI}}, b().local_get(0).access(i32_load, 0x8000'0000)),
      module_of({{kI, kI}, {kI}}, b().local_get(0).access(i32_load, 0xFFFF'FFF0)),
      module_of({{kI, kD}, {}}, b().local_get(0).local_get(1).access(f64_store, 0x9000'0000)),
      module_of({{kI}, {kI}}, table_of_blocks()),
      module_of({{kI}, {kI}}, large_frame(20), {{20, kI}}),
      module_of({{kI}, {kI}}, large_frame(600), {{600, kI}}),
      module_of({{kI}, {}}, counted),
      module_of({{kI}, {}}, b().local_get(0).op(global_set).u32(1)),
      module_of({{kL}, {}}, b().local_get(0).op(global_set).u32(0)),
      module_of({{kD}, {kD}}, b().local_get(0).op(f64_abs)),
      module_of({{kD}, {kD}}, b().local_get(0).f64_const(0.75).op(f64_mul)),
      module_of({{kI, kI}, {kI}}, b().local_get(0).local_get(1).op(i32_div_s)),
      module_of({{}, {}}, b().op(unreachable)),
      module_of({{kI}, {kI}}, caught_by_clause()),
      module_of({{kI}, {kI}}, caught_by_legacy_block()),
      module_of({{kI, kV}, {kV}}, b().local_get(1).local_get(0).access(v128_load, 4).op(i32x4_add)),
      module_of({{kI, kV}, {}}, b().local_get(0).local_get(1).access(v128_store64_lane, 8).u8(1)),
      module_of({{kI}, {kI}}, b().local_get(0)
                                  .op(i8x16_splat)
                                  .v128_const({5, 6})
                                  .op(i8x16_add)
                                  .local_get(0)
                                  .local_get(0)
                                  .call(kToInt)
                                  .op(i32x4_splat)
                                  .op(v128_xor)
                                  .op(v128_any_true)),
      // All of the frame is slots of the import.
      module_of({{}, {kI}}, b().i32_const(3).f64_const(1.5).call(kImport)),
      module_of({{kI, kI, kI}, {kI, kL, kD}}, b().local_get(2).i64_const(5).f64_const(2)),
      module_of({{kI, kI, kI}, {kI}},
                b().local_get(2).local_get(1).op(i32_xor).local_tee(2).access(i32_load)),
  };
}

// Ends in a tail call, after calls, so that there is a frame to give back.
std::vector<std::vector<uint8_t>> tail_calls() {
  const wasm::FuncType type{{kI, kI}, {kI}};
  const WasmBytes called = b().i32_const(1).i32_const(2).call(kToInt).local_set(0);
  const auto ends_in = [&](const WasmBytes& arguments, const WasmBytes& call) {
    return module_of(type, b().append(called).append(arguments).append(call));
  };
  const WasmBytes two = b().local_get(1).local_get(0);
  std::vector<std::vector<uint8_t>> modules = {
      ends_in(two, b().op(return_call).u32(kToInt)),
      ends_in(b().local_get(1).f64_const(2.5), b().op(return_call).u32(kImport)),
      ends_in(b().append(two).local_get(1), b().op(return_call_indirect).u32(0).u32(0)),
  };
  // One that calls a function before that gives something else; and where operands take the frame
  // later.
  constexpr uint32_t kProbe = 4, kOperands = 20;
  modules.push_back(module_of({{kI, kI}, {kL, kI}}, b().append(two).op(return_call).u32(kToTwo)));
  WasmBytes spills;
  spills.local_get(1).block(if_).append(two).op(return_call).u32(kProbe).end();
  for (uint32_t i = 0; i < kOperands; ++i) spills.local_get(0).access(i32_load, i);
  for (uint32_t i = 1; i < kOperands; ++i) spills.op(i32_add);
  modules.push_back(module_of(type, spills));
  return modules;
}

// Calls an import that takes and gives fourteen values, so that both areas of a frame are full:
// what calls pass, and the operands.
std::vector<uint8_t> full_frame() {
  constexpr uint32_t kWide = 14;
  const wasm::FuncType wide{std::vector<ValType>(kWide, kL), std::vector<ValType>(kWide, kL)};
  testing::ModuleBuilder module;
  module.import_func("m", "wide", wide);
  WasmBytes code;
  for (uint32_t i = 0; i < kWide; ++i) code.i64_const(i);
  module.export_("f", wasm::ExternKind::Func, module.func({{}, wide.results}, code.call(0)));
  return module.build();
}

}  // namespace

std::vector<std::vector<uint8_t>> probes() {
  std::vector<std::vector<uint8_t>> modules = others();
  modules.push_back(full_frame());
  for (std::vector<uint8_t>& module : tail_calls()) modules.push_back(std::move(module));
  for (const WasmBytes& index : indices()) {
    modules.push_back(module_of({{kI, kI, kL}, {kI}}, loaded(index)));
  }
  return modules;
}

}  // namespace cordon::planted
