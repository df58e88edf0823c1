// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/gen/module_gen.h"

#include <algorithm>
#include <string>

#include "fuzz/gen/body_gen.h"
#include "fuzz/gen/choices.h"
#include "fuzz/gen/plan.h"
#include "fuzz/oracle/peer.h"
#include "fuzz/oracle/run_options.h"
#include "tests/kit/module_builder.h"

namespace cordon::fuzz {

namespace {

using testing::ModuleBuilder;
using testing::WasmBytes;
using wasm::ExternKind;
using wasm::FuncType;
using wasm::Op;
using wasm::ValType;

constexpr ValType kTypes[] = {ValType::i32, ValType::i64, ValType::f32,     ValType::f64,
                              ValType::i32, ValType::i64, ValType::funcref, ValType::externref};

constexpr uint32_t kTwoGiB = 32'768;  // pages

class ModuleGen {
 public:
  ModuleGen(ByteSpan bytes, Families families) : choices_(bytes), families_(families) {
    plan_.vectors = families.vectors;
    plan_.twins = families.twins;
  }

  std::vector<uint8_t> generate() {
    const RunOptions options = draw_options();
    draw_scale();
    draw_families();
    types();
    tags();
    imports();
    memory();
    tables();
    globals();
    declare_funcs();
    segments();
    exports();
    bodies();
    module_.custom(kOptionsSection, encode(options));
    return module_.build();
  }

 private:
  RunOptions draw_options() {
    RunOptions options;
    const uint32_t how = choices_.below(8);
    if (how == 6) options.fuel = 1 + choices_.below(2000);
    if (how == 7) options.fuel = RunOptions::kNoFuelLimit;
    // All features of the processor, or fewer.
    if (choices_.below(3) == 2) options.cpu_features = choices_.byte();
    // Down to one function a piece.
    if (choices_.below(3) == 2) options.piece_bytes = 1 + choices_.below(300);
    if (choices_.once_in(8)) options.imports = static_cast<uint32_t>(choices_.bits(4));
    options.schedule = choices_.byte();
    return options;
  }

  void draw_scale() {
    constexpr Scale kRare[] = {Scale::ManyFuncs,  Scale::ManyTypes,  Scale::ManyLocals,
                               Scale::ManyLocals, Scale::LargeFrame, Scale::HugeMemory};
    if (choices_.once_in(16)) plan_.scale = choices_.of(kRare);
    plan_.pads = choices_.once_in(16) && !plan_.twins;
  }

  void draw_families() {
    plan_.tail_calls = families_.tail_calls && choices_.below(2) == 1;
    if (families_.exceptions == Exceptions::None || choices_.below(3) != 2) return;
    plan_.exceptions = families_.exceptions;
    if (plan_.exceptions != Exceptions::Any) return;
    plan_.exceptions = choices_.below(2) == 1 ? Exceptions::Legacy : Exceptions::Standard;
  }

  std::vector<ValType> type_list(uint32_t most) {
    std::vector<ValType> list(choices_.below(most + 1));
    for (ValType& type : list) {
      type = choices_.of(kTypes);
      if (plan_.vectors != Vectors::None && choices_.once_in(8)) type = ValType::v128;
    }
    return list;
  }

  void add_type(FuncType type) {
    // Equal types are one type in the module, and the plan counts like the module.
    if (module_.type(type) == plan_.types.size()) plan_.types.push_back(std::move(type));
  }

  void types() {
    add_type({});
    add_type({{ValType::i32}, {ValType::i32}});
    if (plan_.scale == Scale::ManyTypes) filler_types();
    plan_.first_full_type = static_cast<uint32_t>(plan_.types.size()) - 1;
    const uint32_t count = 2 + choices_.below(5);
    for (uint32_t i = 0; i < count; ++i) {
      const bool wide = choices_.once_in(8);
      FuncType type;
      type.params = type_list(wide ? 14 : 4);
      // All of one type, so that calls exchange them.
      if (choices_.below(4) == 3 && !type.params.empty()) {
        std::fill(type.params.begin(), type.params.end(), type.params[0]);
      }
      type.results = choices_.once_in(6) ? type.params : type_list(wide ? 6 : 2);
      // A call can take the place of one that gives the same.
      if (plan_.tail_calls && choices_.below(3) == 2) type.results = plan_.types.back().results;
      add_type(std::move(type));
    }
  }

  // The first has numbers alone, since it may be imported.
  void tags() {
    if (plan_.exceptions == Exceptions::None) return;
    const uint32_t count = 1 + choices_.below(3);
    std::vector<FuncType> types(count);
    for (FuncType& type : types) {
      type.params = type_list(choices_.once_in(8) ? 9 : 3);
      for (ValType& param : type.params) {
        const bool plain = &type == types.data() || plan_.vectors == Vectors::Exact;
        if (plain && (wasm::is_ref(param) || param == ValType::v128)) param = ValType::i64;
      }
      add_type(type);
      const auto same = std::find(plan_.types.begin(), plan_.types.end(), type);
      plan_.tags.push_back({static_cast<uint32_t>(same - plan_.types.begin())});
    }
    if (plan_.exceptions == Exceptions::Standard) handler_types();
    uint32_t own = 0;
    if (choices_.below(2) == 1) own = 1 + module_.import_tag("host", "t0", types[0]);
    for (; own < count; ++own) module_.tag(types[own]);
  }

  // Not in the plan: nothing else has them, and the other encoding does without. From here on
  // add_type() would find other numbers in the module than in the plan.
  void handler_types() {
    for (TagPlan& tag : plan_.tags) {
      FuncType type{{}, plan_.types[tag.type].params};
      tag.handler[0] = module_.type(type);
      type.results.push_back(ValType::exnref);
      tag.handler[1] = module_.type(type);
    }
  }

  // All lists of four parameters of number types.
  void filler_types() {
    constexpr uint32_t kCount = 140;
    for (uint32_t i = 0; i < kCount; ++i) {
      FuncType type;
      for (uint32_t digits = i, j = 0; j < 4; ++j, digits /= 4) {
        type.params.push_back(kTypes[digits % 4]);
      }
      add_type(std::move(type));
    }
  }

  uint32_t any_type() {
    const auto count = static_cast<uint32_t>(plan_.types.size());
    if (choices_.once_in(8)) return choices_.below(count);
    const uint32_t first = plan_.first_full_type;
    return first + choices_.below(count - first);
  }

  void imports() {
    // Type 1 is that of the oracle's own functions; a host function's name selects its effect.
    constexpr const char* kNames[] = {"peek", "grow", "reenter"};
    for (const char* name : kNames) {
      if (!choices_.once_in(3)) continue;
      module_.import_func("host", name, plan_.types[1]);
      plan_.funcs.push_back(1);
    }
    import_funcs("host", choices_.below(3));
    import_funcs(kPeerName, choices_.below(3));
    plan_.imported_funcs = static_cast<uint32_t>(plan_.funcs.size());
  }

  void import_funcs(const char* from, uint32_t count) {
    for (uint32_t i = 0; i < count; ++i) {
      uint32_t type = any_type();
      if (Plan::has_vectors(plan_.types[type])) type = 1;
      module_.import_func(from, "f" + std::to_string(i), plan_.types[type]);
      plan_.funcs.push_back(type);
    }
  }

  void memory() {
    plan_.memory.min = 1 + choices_.below(4) % 3 - (choices_.once_in(16) ? 1 : 0);
    if (plan_.scale == Scale::HugeMemory) plan_.memory.min = kTwoGiB - 1 + choices_.below(3);
    plan_.memory.has_max = !choices_.once_in(8);
    if (plan_.memory.has_max) plan_.memory.max = plan_.memory.min + choices_.below(4);
    if (choices_.once_in(4)) {
      module_.import_memory("host", "memory", plan_.memory);
    } else {
      module_.memory(plan_.memory);
    }
  }

  // Two of functions and one of externrefs, the first perhaps imported.
  void tables() {
    constexpr ValType kElements[] = {ValType::funcref, ValType::externref, ValType::funcref};
    for (ValType element : kElements) {
      wasm::TableType type{element, {.min = 8 + choices_.below(3)}};
      type.limits.has_max = choices_.below(2) == 1;
      if (type.limits.has_max) type.limits.max = type.limits.min + choices_.below(100);
      if (plan_.tables.empty() && choices_.once_in(4)) {
        module_.import_table("host", "table", type);
      } else {
        module_.table(type);
      }
      plan_.tables.push_back(type);
    }
  }

  void globals() {
    constexpr wasm::GlobalType kImported[] = {{ValType::i32, true},
                                              {ValType::f64, false},
                                              {ValType::f32, true},
                                              {ValType::f64, true},
                                              {ValType::i64, true}};
    if (choices_.once_in(3)) {
      for (const wasm::GlobalType& type : kImported) {
        import_global(type);
      }
      if (plan_.vectors == Vectors::All) import_global({ValType::v128, true});
    }
    plan_.budget_global = static_cast<uint32_t>(plan_.globals.size());
    plan_.digest_global = plan_.budget_global + 1;
    add_global({ValType::i32, true}, WasmBytes().i32_const(kCallBudget));
    add_global({ValType::i64, true}, WasmBytes().i64_const(0));
    const auto seed = static_cast<int32_t>(choices_.bits(2));
    add_global({ValType::i32, true}, WasmBytes().i32_const(seed));
    WasmBytes computed = WasmBytes().i32_const(seed);
    if (choices_.below(2) == 1) computed.i32_const(5).op(Op::i32_mul);
    add_global({ValType::i32, false}, computed);
    add_global({ValType::i64, true}, WasmBytes().i64_const(-seed));
    add_global({ValType::f32, true}, WasmBytes().f32_const(1.5f));
    add_global({ValType::f64, true}, WasmBytes().f64_const(-0.25));
    if (plan_.vectors != Vectors::None) {
      add_global({ValType::v128, true}, WasmBytes().v128_const({1, ~uint64_t{0}}));
      add_global({ValType::v128, false}, WasmBytes().v128_const({0x8000'7f80, 1}));
    }
    add_global({ValType::funcref, true}, WasmBytes().op(Op::ref_null).type(ValType::funcref));
    add_global({ValType::externref, true}, WasmBytes().op(Op::ref_null).type(ValType::externref));
  }

  void import_global(wasm::GlobalType type) {
    module_.import_global("host", "g" + std::to_string(plan_.globals.size()), type);
    plan_.globals.push_back(type);
  }
  void add_global(wasm::GlobalType type, const WasmBytes& init) {
    module_.global(type, init);
    plan_.globals.push_back(type);
  }

  void declare_funcs() {
    constexpr uint32_t kFillers = 130;
    if (plan_.scale == Scale::ManyFuncs) plan_.funcs.insert(plan_.funcs.end(), kFillers, 1);
    plan_.first_full = static_cast<uint32_t>(plan_.funcs.size());
    const uint32_t count = 1 + choices_.below(5);
    for (uint32_t i = 0; i < count; ++i) plan_.funcs.push_back(any_type());
    // At least one that may be seen.
    if (plan_.vectors == Vectors::Exact) plan_.funcs.push_back(1);
  }

  uint32_t any_func() {
    const auto count = static_cast<uint32_t>(plan_.funcs.size());
    uint32_t func = choices_.below(count);
    while (!plan_.may_be_seen(func)) func = (func + 1) % count;
    return func;
  }

  void segments() {
    const auto funcs = static_cast<uint32_t>(plan_.funcs.size());
    for (uint32_t i = 0; i < 8; ++i) plan_.targets.push_back(any_func());
    // One active segment may be slightly out of bounds.
    const int32_t late = choices_.once_in(64) ? 4 : 0;
    module_.elem(late, plan_.targets);
    plan_.elems.push_back({ValType::funcref, 8});
    constexpr uint8_t kPassiveExprs = 5, kDeclarative = 3, kFuncKind = 0;
    WasmBytes passive;
    passive.u32(kPassiveExprs).type(ValType::funcref).u32(3);
    passive.op(Op::ref_func).u32(any_func()).end();
    passive.op(Op::ref_null).type(ValType::funcref).end();
    passive.op(Op::ref_func).u32(any_func()).end();
    module_.raw_elem(passive);
    plan_.elems.push_back({ValType::funcref, 3});
    WasmBytes externs;
    externs.u32(kPassiveExprs).type(ValType::externref).u32(2);
    for (int i = 0; i < 2; ++i) externs.op(Op::ref_null).type(ValType::externref).end();
    module_.raw_elem(externs);
    plan_.elems.push_back({ValType::externref, 2});
    WasmBytes declared;
    declared.u32(kDeclarative).u8(kFuncKind).u32(funcs);
    for (uint32_t i = 0; i < funcs; ++i) declared.u32(i);
    module_.raw_elem(declared);
    plan_.elems.push_back({ValType::funcref, 0});

    module_.passive_data("passive bytes");
    plan_.datas.push_back(13);
    if (plan_.memory.min != 0) {
      module_.data(64, "\x01\x80\xff\x7f\x00\x00\xc0\x7f active bytes");
      plan_.datas.push_back(0);
    }
    module_.with_data_count();
  }

  void exports() {
    module_.export_("memory", ExternKind::Memory, 0);
    for (uint32_t i = 0; i < plan_.tables.size(); ++i) {
      module_.export_("table" + std::to_string(i), ExternKind::Table, i);
    }
    for (uint32_t i = 0; i < plan_.globals.size(); ++i) {
      const bool budget = i == plan_.budget_global;
      if (plan_.vectors == Vectors::Exact && plan_.globals[i].value == ValType::v128) continue;
      module_.export_(budget ? kBudgetName : "global" + std::to_string(i), ExternKind::Global, i);
    }
    for (uint32_t i = plan_.first_full; i < plan_.funcs.size(); ++i) {
      if (!plan_.may_be_seen(i)) continue;
      module_.export_("f" + std::to_string(i), ExternKind::Func, i);
    }
  }

  void bodies() {
    const bool has_start = choices_.once_in(8);
    bool started = false;
    const auto count = static_cast<uint32_t>(plan_.funcs.size());
    for (uint32_t i = plan_.imported_funcs; i < plan_.first_full; ++i) {
      module_.func(plan_.type_of(i), WasmBytes().local_get(0).i32_const(1).op(Op::i32_add));
    }
    for (uint32_t i = plan_.first_full; i < count; ++i) {
      WasmBytes code;
      std::vector<testing::Locals> locals;
      BodyGen(plan_, choices_.share(count - i), i).generate(code, locals);
      module_.func(plan_.type_of(i), code, locals);
      if (has_start && !started && plan_.type_of(i) == FuncType{}) {
        module_.start(i);
        started = true;
      }
    }
  }

  Choices choices_;
  const Families families_;
  ModuleBuilder module_;
  Plan plan_;
};

}  // namespace

std::vector<uint8_t> generate(ByteSpan bytes, Families families) {
  return ModuleGen(bytes, families).generate();
}

std::vector<uint8_t> bytes_of_seed(uint64_t seed) {
  // SplitMix64: neighbouring seeds give unrelated streams.
  uint64_t state = seed;
  const auto next = [&] {
    uint64_t z = (state += 0x9e3779b97f4a7c15u);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
  };
  // Sometimes a long one: more values than registers, more open blocks.
  const uint64_t size = next();
  std::vector<uint8_t> bytes(128 + size % (size >> 60 == 0 ? 8192 : 1024));
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(next() >> 56);
  return bytes;
}

}  // namespace cordon::fuzz
