// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/oracle/host.h"

#include "core/engine/invoke.h"
#include "core/runtime/bulk.h"
#include "fuzz/gen/constants.h"
#include "fuzz/oracle/peer.h"

namespace cordon::fuzz {

using wasm::ExternKind;
using wasm::ValType;

namespace {

// How often a call traps instead, and how many records are kept: the generator never makes a guest
// that calls the host without end, but a reduced file might be one.
constexpr uint64_t kFailsOnceIn = 64;
constexpr size_t kMaxCalls = 10'000;

template <class T, size_t kSize>
T pick(const T (&items)[kSize], uint64_t seed) {
  return items[seed % kSize];
}

}  // namespace

uint64_t mix(uint64_t value) {
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
  value = (value ^ value >> 27) * 0x94d049bb133111ebu;
  return value ^ value >> 31;
}

uint64_t slot_from(ValType type, uint64_t seed) {
  const uint64_t bits = mix(seed);
  const bool edge = bits % 4 != 0;
  switch (type) {
    case ValType::i32: return static_cast<uint32_t>(edge ? pick(kIntegers, bits >> 8) : bits >> 8);
    case ValType::i64: return edge ? pick(kIntegers, bits >> 8) : bits;
    case ValType::f32: return pick(kFloats32, bits >> 8);
    case ValType::f64: return pick(kFloats64, bits >> 8);
    case ValType::v128: return bits;
    case ValType::funcref: return 0;
    case ValType::externref: return bits % 4;
    case ValType::exnref: return 0;
  }
  return 0;
}

SeenValue Host::see(ValType type, uint64_t slot, uint64_t high) const {
  // An exception is where it is; which one, is seen by what it is caught with.
  if (type == ValType::exnref) return {type, slot == 0 ? uint64_t{0} : uint64_t{1}};
  if (type != ValType::funcref || slot == 0) return {type, slot, high};
  constexpr uint64_t kForeign = ~uint64_t{0};
  if (instance_ == nullptr) return {type, kForeign};
  for (size_t i = 0; i < instance_->funcs.size(); ++i) {
    if (reinterpret_cast<uint64_t>(instance_->funcs[i]) == slot) return {type, i + 1};
  }
  return {type, kForeign};
}

Result<void> Host::provide(const wasm::Module& module, uint32_t strangeness) {
  for (const wasm::Import& import : module.imports) {
    if (import.module == kPeerName) continue;
    if (import.kind == ExternKind::Func) {
      provide_func(module, import);
    } else if (import.kind == ExternKind::Tag) {
      linker_.define(import.module, import.name,
                     store_.add_tag(module.types[module.tags[import.index].value]));
    } else {
      const Provided what = provided(module, import, strangeness);
      linker_.define(import.module, import.name, TRY(made(import, what)));
    }
  }
  return {};
}

// REQUIRES: not a function.
Result<runtime::Extern> Host::made(const wasm::Import& import, const Provided& what) {
  if (import.kind == ExternKind::Table) {
    runtime::Table* const table = TRY(store_.add_table(what.table));
    table->grow(what.grown, 0);
    return runtime::Extern(table);
  }
  if (import.kind == ExternKind::Memory) {
    runtime::Memory* const memory = TRY(store_.add_memory(what.memory));
    memory->grow(what.grown);
    return runtime::Extern(memory);
  }
  const uint64_t slot = slot_from(what.global.value, import.index);
  if (what.global.value == ValType::v128) {
    return runtime::Extern(store_.add_global(what.global, wasm::V128{slot, ~slot}));
  }
  return runtime::Extern(TRY(store_.add_global(what.global, slot)));
}

void Host::provide_func(const wasm::Module& module, const wasm::Import& import) {
  const wasm::FuncType& type = module.types[module.funcs[import.index].value];
  Deed deed = Deed::Answer;
  if (type == wasm::FuncType{{ValType::i32}, {ValType::i32}}) {
    if (import.name == "peek") deed = Deed::Peek;
    if (import.name == "grow") deed = Deed::Grow;
    if (import.name == "reenter") deed = Deed::Reenter;
  }
  imports_.push_back({this, std::string(import.name), type, deed});
  linker_.define_func(import.module, import.name, type, &Host::call, &imports_.back());
}

Trap Host::call(void* env, runtime::HostCall& call, const uint64_t* args, uint64_t* results) {
  const Import& import = *static_cast<Import*>(env);
  Host& host = *import.host;
  if (host.calls_.size() == kMaxCalls) return Trap::host_failure;
  SeenHostCall seen{import.name, {}};
  uint64_t seed = host.calls_.size();
  for (size_t i = 0; i < import.type.params.size(); ++i) {
    const ValType type = import.type.params[i];
    seen.args.push_back(host.see(type, args[i]));
    // Floats are left out: a NaN's payload must not decide the result.
    if (type == ValType::i32 || type == ValType::i64) seed = mix(seed ^ args[i]);
  }
  const uint64_t first = import.type.params.empty() ? 0 : args[0];
  host.calls_.push_back(std::move(seen));
  if (seed % kFailsOnceIn == kFailsOnceIn - 1) return Trap::host_failure;
  for (size_t i = 0; i < import.type.results.size(); ++i) {
    results[i] = slot_from(import.type.results[i], seed + i);
  }
  return host.run(import, call, first, results);
}

Trap Host::run(const Import& import, runtime::HostCall& call, uint64_t first, uint64_t* results) {
  switch (import.deed) {
    case Deed::Answer: return Trap::none;
    case Deed::Peek: return peek(call, first, results);
    case Deed::Grow: {
      int32_t old_pages = 0;
      if (call.memory == nullptr) return Trap::none;
      const Trap trap = runtime::memory_grow(*call.memory, 1, old_pages);
      results[0] = static_cast<uint32_t>(old_pages);
      return trap;
    }
    case Deed::Reenter: return reenter();
  }
  return Trap::none;
}

Trap Host::peek(runtime::HostCall& call, uint64_t at, uint64_t* results) {
  if (call.memory == nullptr || call.memory->size() == 0) return Trap::none;
  uint8_t* const byte = call.memory->at(at % call.memory->size(), 1);
  results[0] = (*byte)++;
  return Trap::none;
}

// [D1] A call from outside within a call: the order of effects is compared, too.
Trap Host::reenter() {
  if (instance_ == nullptr) return Trap::none;
  const wasm::Module& module = instance_->module->module();
  const std::optional<uint32_t> place = reentered_export(module);
  if (!place) return Trap::none;
  runtime::Func& func = *instance_->funcs[module.exports[*place].index];
  std::vector<engine::Value> args;
  for (ValType type : func.type->params) args.push_back({type, slot_from(type, args.size())});
  const Result<engine::Outcome> outcome = engine::invoke(execution_, func, args);
  return outcome.has_value() ? outcome->trap : Trap::host_failure;
}

std::optional<uint32_t> reentered_export(const wasm::Module& module) {
  for (uint32_t i = 0; i < module.exports.size(); ++i) {
    const wasm::Export& item = module.exports[i];
    if (item.kind == ExternKind::Func && item.index >= module.imported_funcs) return i;
  }
  return std::nullopt;
}

}  // namespace cordon::fuzz
