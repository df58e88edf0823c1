// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/gen/accepted/interpreted.h"

#include <algorithm>

namespace cordon::fuzz::accepted {

using testing::WasmBytes;
using wasm::Op;
using wasm::ValType;

namespace {

constexpr uint32_t kMostStatements = 8;

class Body {
 public:
  Body(const wasm::Module& module, const wasm::FuncType& type, Choices& choices)
      : module_(module), type_(type), choices_(choices) {}

  WasmBytes write(bool dies) {
    pay();
    const uint32_t count = choices_.below(kMostStatements);
    for (uint32_t i = 0; i < count && !choices_.spent(); ++i) statement();
    if (dies) return out_.op(Op::unreachable);
    for (const ValType result : type_.results) value(result);
    return out_;
  }

 private:
  uint32_t below(size_t count) { return choices_.below(static_cast<uint32_t>(count)); }

  // Every function does this, so that calls end: see kOwnGlobals.
  void pay() {
    const uint32_t budget = module_.imported_globals;
    out_.op(Op::global_get).u32(budget).op(Op::i32_eqz).block(Op::if_);
    out_.op(Op::unreachable).end();
    out_.op(Op::global_get).u32(budget).i32_const(1).op(Op::i32_sub);
    out_.op(Op::global_set).u32(budget);
  }

  // A global of that type, or none. The one that bounds calls is never stored to.
  std::vector<uint32_t> globals(ValType type, bool to_set) const {
    std::vector<uint32_t> found;
    for (uint32_t i = 0; i < module_.globals.size(); ++i) {
      const wasm::GlobalType& global = module_.globals[i].type;
      if (global.value != type) continue;
      if (!to_set || (global.is_mutable && i != module_.imported_globals)) found.push_back(i);
    }
    return found;
  }
  std::vector<uint32_t> tables(ValType type) const {
    std::vector<uint32_t> found;
    for (uint32_t i = 0; i < module_.tables.size(); ++i) {
      if (module_.tables[i].element == type) found.push_back(i);
    }
    return found;
  }

  void value(ValType type) {
    const auto way = below(4);
    if (way == 1) {
      const std::vector<uint32_t> all = globals(type, false);
      if (!all.empty()) return void(out_.op(Op::global_get).u32(choices_.of(all)));
    }
    if (way == 2) {
      const auto& params = type_.params;
      const auto local = std::find(params.begin(), params.end(), type);
      if (local != params.end()) {
        return void(out_.local_get(static_cast<uint32_t>(local - params.begin())));
      }
    }
    constant(type);
  }
  void constant(ValType type) {
    switch (type) {
      case ValType::i32: return void(out_.i32_const(static_cast<int32_t>(below(7))));
      case ValType::i64: return void(out_.i64_const(static_cast<int32_t>(below(9)) - 1));
      case ValType::f32: return void(out_.f32_const(0.5));
      case ValType::f64: return void(out_.f64_const(2.5));
      case ValType::v128: return void(out_.v128_const({1, ~uint64_t{0}}));
      case ValType::funcref:
      case ValType::externref:
      case ValType::exnref: break;
    }
    const uint32_t way = below(3);
    if (way == 1) {
      out_.i32_const(static_cast<int32_t>(below(3)));
      return void(out_.op(Op::table_get).u32(choices_.of(tables(type))));
    }
    if (way == 2 && type == ValType::funcref) {
      return void(out_.op(Op::ref_func).u32(below(module_.funcs.size())));
    }
    out_.op(Op::ref_null).type(type);
  }
  void take(ValType type) {
    const std::vector<uint32_t> all = globals(type, true);
    if (all.empty() || below(2) == 0) return void(out_.op(Op::drop));
    out_.op(Op::global_set).u32(choices_.of(all));
  }

  void statement() {
    switch (below(10)) {
      case 0: return store();
      case 1:
      case 2: return call();
      case 3:
      case 4: return call_indirect();
      default: return of_table();
    }
  }
  void store() {
    constexpr ValType kAll[] = {ValType::funcref, ValType::externref, ValType::i64, ValType::f64};
    const ValType type = choices_.of(kAll);
    value(type);
    take(type);
  }
  void call() {
    const uint32_t func = below(module_.funcs.size());
    const wasm::FuncType& type = module_.types[module_.funcs[func].value];
    for (const ValType param : type.params) value(param);
    out_.call(func);
    take_all(type);
  }
  void call_indirect() {
    const uint32_t index = below(module_.types.size());
    const wasm::FuncType& type = module_.types[index];
    for (const ValType param : type.params) value(param);
    value(ValType::i32);
    out_.op(Op::call_indirect).u32(index).u32(choices_.of(tables(ValType::funcref)));
    take_all(type);
  }
  void take_all(const wasm::FuncType& type) {
    for (size_t i = type.results.size(); i-- > 0;) take(type.results[i]);
  }
  void numbers(uint32_t count) {
    for (uint32_t i = 0; i < count; ++i) value(ValType::i32);
  }

  void of_table() {
    const uint32_t table = below(module_.tables.size());
    const ValType type = module_.tables[table].element;
    switch (below(7)) {
      case 0:
        numbers(1);
        out_.op(Op::table_get).u32(table);
        return take(type);
      case 1:
        numbers(1);
        value(type);
        return void(out_.op(Op::table_set).u32(table));
      case 2:
        numbers(3);
        return void(out_.op(Op::table_copy).u32(table).u32(choices_.of(tables(type))));
      case 3:
        value(type);
        out_.i32_const(static_cast<int32_t>(below(3)));
        return void(out_.op(Op::table_grow).u32(table).op(Op::drop));
      case 4:
        numbers(1);
        value(type);
        numbers(1);
        return void(out_.op(Op::table_fill).u32(table));
      case 5: return init(table, type);
      default: return void(out_.op(Op::elem_drop).u32(below(module_.elems.size())));
    }
  }
  void init(uint32_t table, ValType type) {
    std::vector<uint32_t> segments;
    for (uint32_t i = 0; i < module_.elems.size(); ++i) {
      if (module_.elems[i].type == type) segments.push_back(i);
    }
    numbers(3);
    out_.op(Op::table_init).u32(choices_.of(segments)).u32(table);
  }

  const wasm::Module& module_;
  const wasm::FuncType& type_;
  Choices& choices_;
  WasmBytes out_;
};

}  // namespace

std::vector<WasmBytes> interpreted_bodies(const ModuleShape& shape, const wasm::Module& module,
                                          Choices& choices) {
  std::vector<WasmBytes> bodies;
  for (size_t i = 0; i < shape.funcs.size(); ++i) {
    const bool dies = shape.role == Role::Doomed && i == 0;
    bodies.push_back(Body(module, kTypes[shape.funcs[i]], choices).write(dies));
  }
  return bodies;
}

}  // namespace cordon::fuzz::accepted
