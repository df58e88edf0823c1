// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/oracle/peer.h"

#include <algorithm>

#include "tests/kit/module_builder.h"

namespace cordon::fuzz {

namespace {

using testing::ModuleBuilder;
using testing::WasmBytes;
using wasm::ExternKind;
using wasm::FuncType;
using wasm::Op;
using wasm::ValType;

constexpr uint32_t kCount = 0;    // global: calls so far
constexpr int32_t kCell = 8;      // memory: the same, and every i32 argument added
constexpr uint32_t kNowhere = 0;  // type [] -> []

void push_default(WasmBytes& code, ValType type) {
  switch (type) {
    case ValType::i32: code.op(Op::global_get).u32(kCount); break;
    case ValType::i64: code.i64_const(-3); break;
    case ValType::f32: code.f32_const(0.5f); break;
    case ValType::f64: code.f64_const(-2.5); break;
    case ValType::v128: code.v128_const({3, ~uint64_t{0}}); break;
    case ValType::funcref:
    case ValType::externref:
    case ValType::exnref: code.op(Op::ref_null).type(type); break;
  }
}

// `if` the number of this call is all ones in `mask`.
void open_every(WasmBytes& code, int32_t mask) {
  code.op(Op::global_get).u32(kCount).i32_const(mask).op(Op::i32_and);
  code.i32_const(mask).op(Op::i32_eq).block(Op::if_);
}

// Counts, sometimes traps or calls its argument, and returns its arguments.
WasmBytes body(const FuncType& type) {
  WasmBytes code;
  code.op(Op::global_get).u32(kCount).i32_const(1).op(Op::i32_add).op(Op::global_set).u32(kCount);
  open_every(code, 31);
  code.op(Op::unreachable).end();
  for (uint32_t i = 0; i < type.params.size(); ++i) {
    if (type.params[i] == ValType::i32) {
      code.i32_const(kCell).i32_const(kCell).access(Op::i32_load).local_get(i).op(Op::i32_add);
      code.access(Op::i32_store);
    } else if (type.params[i] == ValType::funcref) {
      open_every(code, 3);
      code.i32_const(0).local_get(i).op(Op::table_set).u32(0);
      code.i32_const(0).op(Op::call_indirect).u32(kNowhere).u32(0).end();
    }
  }
  for (ValType result : type.results) {
    const auto found = std::find(type.params.begin(), type.params.end(), result);
    if (found == type.params.end()) {
      push_default(code, result);
    } else {
      code.local_get(static_cast<uint32_t>(found - type.params.begin()));
    }
  }
  return code;
}

}  // namespace

std::vector<uint8_t> peer_of(const wasm::Module& module) {
  ModuleBuilder peer;
  peer.type({});
  peer.export_("memory", ExternKind::Memory, peer.memory({.min = 1, .max = 1, .has_max = true}));
  peer.table({ValType::funcref, {.min = 1}});
  peer.global({ValType::i32, true}, WasmBytes().i32_const(0));
  bool any = false;
  for (const wasm::Import& import : module.imports) {
    if (import.module != kPeerName || import.kind != ExternKind::Func) continue;
    const FuncType& type = module.types[module.funcs[import.index].value];
    peer.export_(import.name, ExternKind::Func, peer.func(type, body(type)));
    any = true;
  }
  return any ? peer.build() : std::vector<uint8_t>{};
}

}  // namespace cordon::fuzz
