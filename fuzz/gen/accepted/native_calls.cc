// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calls of all kinds. Arguments of builtins follow their letters in core/abi/builtins.def.
#include <algorithm>
#include <optional>

#include "fuzz/gen/accepted/native_func.h"

namespace cordon::fuzz::accepted {

using namespace x64;

namespace {

constexpr bool is_one_of(std::string_view letters, char letter) {
  return letters.find(letter) != std::string_view::npos;
}
constexpr std::string_view kConstants = "FITUDEGWV";
constexpr Gpr kBuiltinRegisters[] = {rsi, rdx, rcx, r8, r9};

Indices up_to(size_t count) {
  Indices all(count);
  for (size_t i = 0; i < count; ++i) all[i] = static_cast<uint32_t>(i);
  return all;
}

template <class Holds>
Indices those(size_t count, Holds holds) {
  Indices all = up_to(count);
  std::erase_if(all, [&](uint32_t index) { return !holds(index); });
  return all;
}

std::string_view arguments_of(abi::Builtin builtin) {
  const std::string_view signature = abi::kBuiltins[static_cast<size_t>(builtin)].signature;
  return signature.substr(0, signature.find(':'));
}

// The size of the index space that a constant of that letter is an index into.
size_t count_of(const wasm::Module& module, char letter) {
  switch (letter) {
    case 'F':
    case 'I': return module.funcs.size();
    case 'T':
    case 'U': return module.tables.size();
    case 'D': return module.datas.size();
    case 'E': return module.elems.size();
    default: return module.globals.size();
  }
}

}  // namespace

// The indices that a constant of that letter may be, given the constants that were chosen before
// it.
Indices NativeFunc::candidates(char letter, const Indices& constants) const {
  const wasm::Module& module = blob_.module;
  // The element type of the table before it; a daring program may have named none.
  const bool of_table = !constants.empty() && constants.back() < module.tables.size();
  const wasm::ValType element =
      of_table ? module.tables[constants.back()].element : wasm::ValType::funcref;
  const auto of_host = [&](uint32_t index) {
    const bool is_vector = module.globals[index].type.value == wasm::ValType::v128;
    return abi::global_access(module, index) == abi::Access::Host && is_vector == (letter == 'V');
  };
  switch (letter) {
    case 'F': return up_to(module.funcs.size());
    case 'I': return up_to(module.imported_funcs);
    case 'T': return up_to(module.tables.size());
    case 'D': return up_to(module.datas.size());
    case 'U':
      return those(module.tables.size(),
                   [&](uint32_t index) { return module.tables[index].element == element; });
    case 'E':
      return those(module.elems.size(), [&](uint32_t index) {
        return constants.empty() || module.elems[index].type == element;
      });
    case 'G': return those(module.globals.size(), of_host);
    default:
      return those(module.globals.size(), [&](uint32_t index) {
        return of_host(index) && module.globals[index].type.is_mutable;
      });
  }
}

// A daring program sometimes chooses one that the verifier must refuse: of another type or kind, or
// past the end.
bool NativeFunc::choose_constant(char letter, Indices& constants, bool& dares) {
  const Indices good = candidates(letter, constants);
  const bool of_kind = is_one_of("UEWV", letter);
  if (blob_.program.daring && !blob_.dared && !dares && choices_.once_in(of_kind ? 2 : 8)) {
    const uint32_t index = below(static_cast<uint32_t>(count_of(blob_.module, letter)) + 1);
    dares = std::find(good.begin(), good.end(), index) == good.end();
    constants.push_back(index);
    return true;
  }
  if (good.empty()) return false;
  constants.push_back(choices_.of(good));
  return true;
}

// What a vector is to a program of 64-bit registers.
const wasm::FuncType kVector{{wasm::ValType::i64, wasm::ValType::i64}, {}};

void NativeFunc::fill_slots(const wasm::FuncType& type) {
  for (uint32_t i = 0; i < type.params.size(); ++i) {
    load_slot(type.params[i]);
    a_.mov(W64, slot(i), rax);
  }
}

void NativeFunc::call_builtin() {
  const auto builtin = static_cast<abi::Builtin>(below(abi::kBuiltins.size()));
  const std::string_view letters = arguments_of(builtin);
  // Its modules have no tags, and a throw ends all.
  if (builtin == abi::Builtin::throw_new || builtin == abi::Builtin::throw_ref) return;
  if (is_one_of(letters, 'X') || (is_one_of(letters, 'M') && !has_memory())) return;
  if (is_one_of(letters, 'S') && leaf_) return;
  Indices constants;
  bool dares = false;
  for (const char letter : letters) {
    if (is_one_of(kConstants, letter) && !choose_constant(letter, constants, dares)) return;
  }
  blob_.dared |= dares;
  if (is_one_of(letters, 'S')) {
    const bool exists = constants[0] < blob_.module.funcs.size();
    fill_slots(letters[0] == 'V' ? kVector : exists ? blob_.type_of(constants[0]) : kTypes[0]);
  }
  // Values first: they may come from registers that constants go into. A reference has the type of
  // the table or global that the first constant names.
  size_t place = 0;
  for (const char letter : letters) {
    if (is_one_of("MS", letter)) continue;
    const Gpr to = kBuiltinRegisters[place++];
    if (is_one_of(kConstants, letter)) continue;
    if (letter == 'i') {
      load_index(to);
    } else {
      const bool of_table = constants[0] < blob_.module.tables.size();
      const bool of_global = constants[0] < blob_.module.globals.size();
      wasm::ValType type = wasm::ValType::i64;
      if (letter == 'r' && of_table) type = blob_.module.tables[constants[0]].element;
      if (letter == 'l' && of_global) type = blob_.module.globals[constants[0]].type.value;
      load(to, type);
    }
  }
  place = 0;
  size_t next = 0;
  for (const char letter : letters) {
    if (is_one_of("MS", letter)) continue;
    const Gpr to = kBuiltinRegisters[place++];
    if (is_one_of(kConstants, letter)) a_.mov_u32(to, constants[next++]);
  }
  a_.call(mem(r14, offset_of(builtin)));
  called();
  dump_before_results();
  keep_builtin_result(builtin, constants);
  if (below(4) == 1) dump();
}

void NativeFunc::keep_builtin_result(abi::Builtin builtin, const Indices& constants) {
  const wasm::Module& module = blob_.module;
  switch (builtin) {
    case abi::Builtin::call_import: {
      if (constants[0] >= module.funcs.size()) return;
      const wasm::FuncType& type = blob_.type_of(constants[0]);
      for (uint32_t i = 0; i < type.results.size(); ++i) {
        a_.mov(W64, rax, slot(i));
        keep(rax, type.results[i]);
      }
      return;
    }
    case abi::Builtin::table_get:
      if (constants[0] < module.tables.size()) keep(rax, module.tables[constants[0]].element);
      return;
    case abi::Builtin::ref_func: return keep(rax, wasm::ValType::funcref);
    case abi::Builtin::global_get:
      if (constants[0] < module.globals.size()) {
        keep(rax, module.globals[constants[0]].type.value);
      }
      return;
    case abi::Builtin::vector_global_get:
      for (uint32_t i = 0; i < 2; ++i) {
        a_.mov(W64, rax, slot(i));
        keep(rax, wasm::ValType::i64);
      }
      return;
    default: return store_any(rax);
  }
}

void NativeFunc::arguments(const wasm::FuncType& type) {
  abi::ParamPlaces places(type);
  for (const wasm::ValType param : type.params) {
    const abi::ParamPlace place = places.next(param);
    const bool in_register = place.kind == abi::ParamPlace::Kind::Int;
    const Gpr to = in_register ? static_cast<Gpr>(place.index) : rax;
    if (in_register) {
      load(to, param);
    } else {
      load_slot(param);
    }
    if (place.kind == abi::ParamPlace::Kind::Stack) a_.mov(W64, slot(place.index), rax);
    if (place.kind == abi::ParamPlace::Kind::Float) {
      a_.movd(W64, static_cast<Xmm>(place.index), rax);
    }
  }
}

void NativeFunc::keep_results(const wasm::FuncType& type) {
  dump_before_results();
  if (below(4) == 1 && type.results.empty()) dump();
  if (type.results.empty()) return;
  if (abi::is_float(type.results[0])) a_.movd(W64, rax, xmm0);
  keep(rax, type.results[0]);
  abi::ResultPlaces places;
  for (uint32_t i = 1; i < type.results.size(); ++i) {
    a_.mov(W64, rax, slot(places.next(type.results[i])));
    keep(rax, type.results[i]);
  }
}

// A direct call.
void NativeFunc::call_function() {
  const auto body = below(static_cast<uint32_t>(blob_.entries.size()));
  const wasm::FuncType& type = blob_.type_of(blob_.module.imported_funcs + body);
  if (leaf_ && abi::stack_use(type).total() != 0) return;
  arguments(type);
  a_.call(blob_.entries[body]);
  called();
  keep_results(type);
}

void NativeFunc::call_indirect() {
  const wasm::Module& module = blob_.module;
  uint32_t table = choices_.of(blob_.func_tables);
  uint32_t type_index = below(static_cast<uint32_t>(module.types.size()));
  // Half of the calls go to a place where the module's own table has a function of the right type,
  // unless it was changed.
  const uint32_t body = below(static_cast<uint32_t>(module.bodies.size()));
  const bool by_chance = below(2) == 1;
  if (!by_chance) {
    table = module.imported_tables;
    type_index = module.funcs[module.imported_funcs + body].value;
  }
  const wasm::FuncType& type = module.types[type_index];
  if (leaf_ && abi::stack_use(type).total() != 0) return;
  const Label foreign = a_.new_label(), back = a_.new_label();
  arguments(type);
  if (by_chance) {
    load_index(r10);
  } else {
    a_.mov_u32(r10, body);
  }
  a_.mov(W64, r11, mem(r14, blob_.plan.table(table)));
  a_.cmp(W32, r10, mem(r11, offsetof(abi::TableView, size)));
  a_.jcc(Cond::AboveEqual, ud2(Trap::undefined_element));
  a_.mov(W64, r11, mem(r11, offsetof(abi::TableView, elements)));
  a_.mov(W64, r11, mem_scaled(r11, r10, 8));
  a_.test(W64, r11, r11);
  a_.jcc(Cond::Equal, ud2(Trap::uninitialized_element));
  a_.mov(W32, r10, mem(r14, blob_.plan.type_id(type_index)));
  a_.cmp(W32, r10, mem(r11, offsetof(abi::FuncView, type_id)));
  a_.jcc(Cond::NotEqual, ud2(Trap::indirect_call_type_mismatch));
  a_.cmp(W64, r14, mem(r11, offsetof(abi::FuncView, context)));
  a_.jcc(Cond::NotEqual, foreign);
  a_.mov(W64, r11, mem(r11, offsetof(abi::FuncView, entry)));
  a_.call(r11);
  called();
  uint32_t facts = 0;
  abi::ParamPlaces places(type);
  for (const wasm::ValType param : type.params) {
    const abi::ParamPlace place = places.next(param);
    const bool in_register = place.kind == abi::ParamPlace::Kind::Int;
    if (param == wasm::ValType::i32 && in_register) facts |= uint32_t{1} << place.index;
  }
  const bool extends = !type.results.empty() && type.results[0] == wasm::ValType::i32;
  leader(back, extends ? uint32_t{1} << abi::kIntResult : 0);
  foreign_.push_back({foreign, back, facts, extends});
  keep_results(type);
}

}  // namespace cordon::fuzz::accepted
