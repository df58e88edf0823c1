// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "bench/tools/call_modules.h"

namespace cordon::bench {

namespace {

using testing::ModuleBuilder;
using testing::WasmBytes;
using wasm::ExternKind;
using wasm::FuncType;
using wasm::Op;
using wasm::ValType;

constexpr wasm::GlobalType kCountType{ValType::i32, true};
constexpr wasm::GlobalType kCalleeType{ValType::funcref, true};
constexpr uint32_t kCount = 0;   // the local that counts the rounds of a loop
constexpr uint32_t kFilled = 1;  // a local of type funcref that is not null

// Returns its last argument if the type has a result.
WasmBytes callee_body(const FuncType& type) {
  WasmBytes body;
  if (!type.results.empty()) body.local_get(static_cast<uint32_t>(type.params.size()) - 1);
  return body;
}

WasmBytes drop_results(WasmBytes code, const FuncType& type) {
  return code.repeat(type.results.size(), WasmBytes().op(Op::drop));
}

// Builds the calling module. Index spaces are in the order of the members.
class Caller {
 public:
  Caller() : signatures_(signatures()) {
    native_ = import_all("native");
    interpreted_ = import_all("interpreted");
    host_ = import_all("host");
    chain_ = module_.import_func("interpreted", "chain", {});
    imported_count_ = module_.import_global("native", "count", kCountType);
    imported_callee_ = module_.import_global("native", "callee", kCalleeType);
    for (size_t i = 0; i < signatures_.size(); ++i) {
      const FuncType& type = signatures_[i].type;
      own_[i] = module_.func(type, callee_body(type));
    }
    own_count_ = module_.global(kCountType, WasmBytes().i32_const(0));
    own_callee_ = module_.global(kCalleeType, WasmBytes().op(Op::ref_func).u32(own_[0]));
    add_memory_and_tables();
    add_entries();
  }

  CallerModule build() {
    add("nop", WasmBytes().op(Op::nop));
    add_memory_loops();
    add_table_loops();
    add_reference_loops();
    add_call_loops();
    return {module_.with_data_count().build(), std::move(loops_)};
  }

 private:
  using Funcs = std::array<uint32_t, 3>;  // one a signature

  Funcs import_all(std::string_view from) {
    Funcs funcs;
    for (size_t i = 0; i < funcs.size(); ++i) {
      funcs[i] = module_.import_func(from, signatures_[i].name, signatures_[i].type);
    }
    return funcs;
  }

  void add_memory_and_tables() {
    module_.memory({.min = 1, .max = 16, .has_max = true});
    to_be_copied_ = module_.passive_data("eight by");
    to_be_dropped_ = module_.passive_data("");
    called_ = module_.table({ValType::funcref, {.min = 4, .max = 4, .has_max = true}});
    table_ = module_.table({ValType::funcref, {.min = 16, .max = 32, .has_max = true}});
    module_.elem(0, {own_[0], native_[0], interpreted_[0], host_[0]});
    // A passive segment (flags 1) of functions (kind 0), and an empty one.
    elements_ = module_.raw_elem(WasmBytes().u32(1).u8(0).u32(1).u32(own_[0]));
    dropped_elements_ = module_.raw_elem(WasmBytes().u32(1).u8(0).u32(0));
    // An active one (flags 2) of `table_` at offset 0.
    module_.raw_elem(
        WasmBytes().u32(2).u32(table_).i32_const(0).end().u8(0).u32(2).u32(own_[0]).u32(own_[0]));
  }

  void add_entries() {
    const FuncType eight{std::vector<ValType>(8, ValType::i32), {ValType::i32}};
    module_.export_("enter 0", ExternKind::Func, own_[0]);
    module_.export_("enter 8", ExternKind::Func, module_.func(eight, callee_body(eight)));
  }

  void add(const std::string& name, const WasmBytes& operation, bool calls_host = false) {
    WasmBytes code;
    code.op(Op::ref_func).u32(own_[0]).local_set(kFilled);
    code.block(Op::loop).repeat(kUnroll, operation);
    code.local_get(kCount).i32_const(1).op(Op::i32_sub).local_tee(kCount).br_if(0).end();
    const uint32_t func = module_.func({{ValType::i32}, {}}, code, {{1, ValType::funcref}});
    module_.export_(name, ExternKind::Func, func);
    loops_.push_back({name, operation, calls_host});
  }

  static WasmBytes three(int32_t first, int32_t second, int32_t third) {
    return WasmBytes().i32_const(first).i32_const(second).i32_const(third);
  }
  // table.get and its kin begin with an index and may take a reference.
  static WasmBytes at(int32_t index) { return WasmBytes().i32_const(index); }

  void add_memory_loops() {
    add("memory.grow 0", at(0).op(Op::memory_grow).u8(0).op(Op::drop));
    add("memory.copy 8 bytes", three(0, 64, 8).op(Op::memory_copy).u8(0).u8(0));
    add("memory.fill 8 bytes", three(0, 1, 8).op(Op::memory_fill).u8(0));
    add("memory.init 8 bytes", three(0, 0, 8).op(Op::memory_init).u32(to_be_copied_).u8(0));
    add("data.drop", WasmBytes().op(Op::data_drop).u32(to_be_dropped_));
  }

  void add_table_loops() {
    add("table.get", at(1).op(Op::table_get).u32(table_).op(Op::drop));
    add("table.set", at(1).local_get(kFilled).op(Op::table_set).u32(table_));
    add("table.size", WasmBytes().op(Op::table_size).u32(table_).op(Op::drop));
    add("table.grow 0",
        WasmBytes().local_get(kFilled).i32_const(0).op(Op::table_grow).u32(table_).op(Op::drop));
    add("table.fill 1", at(2).local_get(kFilled).i32_const(1).op(Op::table_fill).u32(table_));
    add("table.copy 1", three(3, 1, 1).op(Op::table_copy).u32(table_).u32(table_));
    add("table.init 1", three(4, 0, 1).op(Op::table_init).u32(elements_).u32(table_));
    add("elem.drop", WasmBytes().op(Op::elem_drop).u32(dropped_elements_));
  }

  void add_reference_loops() {
    add("ref.func", WasmBytes().op(Op::ref_func).u32(own_[0]).op(Op::drop));
    add("ref.func of an import", WasmBytes().op(Op::ref_func).u32(native_[0]).op(Op::drop));
    const struct {
      const char* title;
      uint32_t count, callee;
    } kinds[] = {{"imported", imported_count_, imported_callee_}, {"own", own_count_, own_callee_}};
    for (const auto& kind : kinds) {
      const std::string title = kind.title;
      add("global.get, " + title + " i32", global_get(kind.count));
      add("global.set, " + title + " i32", at(1).op(Op::global_set).u32(kind.count));
      add("global.get, " + title + " funcref", global_get(kind.callee));
      add("global.set, " + title + " funcref",
          WasmBytes().local_get(kFilled).op(Op::global_set).u32(kind.callee));
    }
  }

  static WasmBytes global_get(uint32_t global) {
    return WasmBytes().op(Op::global_get).u32(global).op(Op::drop);
  }

  void add_call_loops() {
    add_calls("call within the instance", own_);
    add_calls("call of a native instance", native_);
    add_calls("call of an interpreted instance", interpreted_);
    add_calls("call of the host", host_, true);
    add("call of an interpreted instance that calls a native one", WasmBytes().call(chain_));
    // In the order of the segment of `called_`.
    const char* const callees[] = {"within the instance", "to a native instance",
                                   "to an interpreted instance", "to the host"};
    for (int32_t i = 0; i < 4; ++i) {
      const uint32_t type = module_.type({});
      add(std::string("call_indirect ") + callees[i],
          at(i).op(Op::call_indirect).u32(type).u32(called_), i == 3);
    }
  }

  void add_calls(const std::string& title, const Funcs& callees, bool calls_host = false) {
    for (size_t i = 0; i < callees.size(); ++i) {
      const Signature& signature = signatures_[i];
      WasmBytes code = signature.arguments;
      add(title + ", " + signature.title, drop_results(code.call(callees[i]), signature.type),
          calls_host);
    }
  }

  const std::array<Signature, 3> signatures_;
  ModuleBuilder module_;
  Funcs native_, interpreted_, host_, own_;
  uint32_t chain_;
  uint32_t imported_count_, imported_callee_, own_count_, own_callee_;
  uint32_t to_be_copied_, to_be_dropped_;  // data segments
  uint32_t called_, table_;                // `called_` has one callee of each kind
  uint32_t elements_, dropped_elements_;   // element segments
  std::vector<Loop> loops_;
};

}  // namespace

std::array<Signature, 3> signatures() {
  WasmBytes four, twelve;
  FuncType mixed{{}, {ValType::f64}};
  for (int32_t i = 0; i < 4; ++i) four.i32_const(i);
  for (int32_t i = 0; i < 3; ++i) {
    twelve.i32_const(i).i64_const(i).f32_const(1.5f).f64_const(2.5);
    for (ValType type : {ValType::i32, ValType::i64, ValType::f32, ValType::f64}) {
      mixed.params.push_back(type);
    }
  }
  const FuncType ints{std::vector<ValType>(4, ValType::i32), {ValType::i32}};
  return {{{"none", "no arguments", {}, {}},
           {"four", "4 i32 and a result", ints, four},
           {"twelve", "12 mixed and a result", mixed, twelve}}};
}

std::vector<uint8_t> callee_module(bool chained) {
  ModuleBuilder module;
  if (chained) {
    const uint32_t imported = module.import_func("native", "none", {});
    module.export_("chain", ExternKind::Func, module.func({}, WasmBytes().call(imported)));
  }
  for (const Signature& signature : signatures()) {
    const uint32_t func = module.func(signature.type, callee_body(signature.type));
    module.export_(signature.name, ExternKind::Func, func);
    if (signature.name != "none") continue;
    const uint32_t callee = module.global(kCalleeType, WasmBytes().op(Op::ref_func).u32(func));
    module.export_("callee", ExternKind::Global, callee);
  }
  module.export_("count", ExternKind::Global, module.global(kCountType, WasmBytes().i32_const(0)));
  return module.build();
}

CallerModule caller_module() { return Caller().build(); }

}  // namespace cordon::bench
