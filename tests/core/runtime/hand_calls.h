// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calls out of hand-written code, as the verifier accepts them, and a module that has one of
// everything a builtin may name.
#pragma once

#include <string_view>
#include <vector>

#include "core/abi/convention.h"
#include "core/abi/module_plan.h"
#include "tests/core/runtime/hand_code.h"
#include "tests/kit/module_builder.h"

namespace cordon::testing {

// What module_of_everything() has, by index. Own functions and further imports come after these.
namespace everything {
enum Funcs : uint32_t { kImported, kImportedWide, kFirstFree };
enum Tables : uint32_t { kFuncs, kExterns, kMoreFuncs };
enum Elems : uint32_t { kFuncElem, kExternElem };
enum Globals : uint32_t {
  kImportedMutable,
  kImportedConstant,
  kImportedVector,
  kOwnNumber,
  kOwnFuncref,
  kOwnExternref,
  kConstantFuncref,
};
enum Tags : uint32_t { kTag, kWideTag };
}  // namespace everything

// "host" has to provide "id": [i64] -> [i64], "wide": [i64 x 8] -> [], and the globals "mutable"
// and "constant": i64, "vector": mutable v128. `more` imports further functions. Without functions
// of its own.
template <class More>
ModuleBuilder module_of_everything(uint32_t memory_pages, More more) {
  using wasm::ValType;
  ModuleBuilder module;
  module.type({{}, {}});
  module.import_func("host", "id", {{ValType::i64}, {ValType::i64}});
  module.import_func("host", "wide", {std::vector<ValType>(8, ValType::i64), {}});
  more(module);
  module.import_global("host", "mutable", {ValType::i64, true});
  module.import_global("host", "constant", {ValType::i64, false});
  module.import_global("host", "vector", {ValType::v128, true});
  module.table({ValType::funcref, {8, 16, true}});
  module.table({ValType::externref, {8, 16, true}});
  module.table({ValType::funcref, {4, 4, true}});
  if (memory_pages != 0) module.memory({memory_pages, memory_pages + 1, true});
  const auto null = [](ValType type) { return WasmBytes().op(wasm::Op::ref_null).type(type); };
  module.global({ValType::i64, true}, WasmBytes().i64_const(0));
  module.global({ValType::funcref, true}, null(ValType::funcref));
  module.global({ValType::externref, true}, null(ValType::externref));
  module.global({ValType::funcref, false}, null(ValType::funcref));
  module.tag({{ValType::i64}, {}});
  module.tag({std::vector<ValType>(8, ValType::i64), {}});
  // Passive: of functions by their indices, and of an externref by an expression (spec §5.5.12).
  module.raw_elem(WasmBytes().u32(1).u8(0).u32(1).u32(everything::kImported));
  module.raw_elem(
      WasmBytes().u32(5).type(ValType::externref).u32(1).append(null(ValType::externref)).end());
  module.passive_data("data");
  module.with_data_count();
  return module;
}

// Where body `index` begins in the module's bytes: an offset for the sites of its code.
inline uint32_t body_offset(ByteSpan module, size_t index) {
  return wasm::decode_module(module, wasm::Features::all())->bodies[index].code.offset;
}

// How one argument of a builtin is made.
struct MadeArgument {
  enum How : uint8_t { Constant, Number, Loaded } how = Number;
  uint64_t value = 0;
};

struct BuiltinCall {
  abi::Builtin builtin{};
  std::vector<MadeArgument> registers;  // in the order of abi::kBuiltinParams
  uint32_t frame = 64;
  bool memory = true;
  uint64_t r11 = 0;
};

inline bool takes_register(char letter) {
  return std::string_view("MSX").find(letter) == std::string_view::npos;
}

// Whether a call of it, with what is right, comes back.
inline bool comes_back(abi::Builtin builtin) {
  return builtin != abi::Builtin::throw_new && builtin != abi::Builtin::throw_ref;
}

// A call with arguments that are right in module_of_everything().
inline BuiltinCall right_call(abi::Builtin builtin) {
  BuiltinCall call;
  call.builtin = builtin;
  const std::string_view signature = abi::kBuiltins[static_cast<size_t>(builtin)].signature;
  for (const char letter : signature.substr(0, signature.find(':'))) {
    if (!takes_register(letter)) continue;
    MadeArgument argument;
    if (std::string_view("FITUDEGWVN").find(letter) != std::string_view::npos) {
      argument.how = MadeArgument::Constant;
    }
    if (letter == 'U') argument.value = everything::kMoreFuncs;
    if (letter == 'G') argument.value = everything::kOwnExternref;
    if (letter == 'V') argument.value = everything::kImportedVector;
    call.registers.push_back(argument);
  }
  return call;
}

inline void load_constant(HandCode& code, x64::Gpr reg, uint64_t value) {
  if (value == static_cast<uint32_t>(value)) {
    code.a.mov_u32(reg, static_cast<int64_t>(value));
  } else {
    code.a.mov_i64(reg, static_cast<int64_t>(value));
  }
}

// The call with its arguments. Registers that the signature does not name hold `unnamed`.
inline void write_call(HandCode& code, const BuiltinCall& call, uint32_t wasm_offset,
                       uint64_t unnamed) {
  for (size_t i = 0; i < abi::kBuiltinParams.size(); ++i) {
    const auto reg = static_cast<x64::Gpr>(abi::kBuiltinParams[i]);
    const bool named = i < call.registers.size();
    const MadeArgument made =
        named ? call.registers[i] : MadeArgument{MadeArgument::Number, unnamed};
    if (made.how != MadeArgument::Loaded) {
      load_constant(code, reg, made.value);
      continue;
    }
    load_constant(code, x64::rax, made.value);
    code.a.mov(x64::W64, reg, x64::rax);
  }
  load_constant(code, x64::r11, call.r11);
  code.call_builtin(call.builtin, wasm_offset);
}

// call_indirect of type 0 with index 0 of table 0, whole, in a function without results.
inline void call_indirect(HandCode& code, const wasm::Module& module, uint32_t at) {
  using x64::Cond;
  using x64::mem;
  using x64::W32;
  using x64::W64;
  using enum x64::Gpr;
  const abi::ModulePlan plan(module);
  auto& a = code.a;
  const x64::Label undefined = a.new_label(), null = a.new_label(), mismatch = a.new_label();
  const x64::Label foreign = a.new_label(), back = a.new_label();
  a.mov(W32, r10, 0);
  a.mov(W64, r11, mem(r14, plan.table(0)));
  a.cmp(W32, r10, mem(r11, offsetof(abi::TableView, size)));
  a.jcc(Cond::AboveEqual, undefined);
  a.mov(W64, r11, mem(r11, offsetof(abi::TableView, elements)));
  a.mov(W64, r11, x64::mem_scaled(r11, r10, 8));
  a.test(W64, r11, r11);
  a.jcc(Cond::Equal, null);
  a.mov(W32, r10, mem(r14, plan.type_id(0)));
  a.cmp(W32, r10, mem(r11, offsetof(abi::FuncView, type_id)));
  a.jcc(Cond::NotEqual, mismatch);
  a.cmp(W64, r14, mem(r11, offsetof(abi::FuncView, context)));
  a.jcc(Cond::NotEqual, foreign);
  a.mov(W64, r11, mem(r11, offsetof(abi::FuncView, entry)));
  a.call(r11);
  code.call_sites.push_back({a.offset(), at});
  a.bind(back);
  code.leader();
  code.later = [=, &code] {
    code.a.bind(foreign);
    code.leader();
    code.call_builtin(abi::Builtin::call_foreign, at);
    code.a.jmp(back);
    const std::pair<x64::Label, Trap> traps[] = {{undefined, Trap::undefined_element},
                                                 {null, Trap::uninitialized_element},
                                                 {mismatch, Trap::indirect_call_type_mismatch}};
    for (const auto& [label, trap] : traps) {
      code.a.bind(label);
      code.trap(trap, at);
    }
  };
}

}  // namespace cordon::testing
