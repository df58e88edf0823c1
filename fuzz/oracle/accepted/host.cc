// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/oracle/accepted/host.h"

#include <utility>

#include "core/engine/invoke.h"
#include "core/runtime/bulk.h"
#include "fuzz/gen/accepted/program_shape.h"
#include "fuzz/oracle/accepted/breach.h"

namespace cordon::fuzz::accepted {
namespace {

// A fixed result for each type; the caller chooses references.
uint64_t number_of(wasm::ValType type, uint64_t number) {
  switch (type) {
    case wasm::ValType::i32: return static_cast<uint32_t>(number % 7);
    case wasm::ValType::f32: return 0x3F00'0000;
    case wasm::ValType::f64: return 0x3FE0'0000'0000'0000;
    default: return number;
  }
}

}  // namespace

Host::Host(runtime::Store& store, runtime::Execution& execution, Groups& groups, Secrets& secrets)
    : store_(store), execution_(execution), groups_(groups), secrets_(secrets), linker_(store) {
#define HOST_FUNC(name, type) linker_.define("host", #name, make(Deed::name, kTypes[type]));
#include "fuzz/gen/accepted/host_funcs.def"
  linker_.define("host", "hidden", make(Deed::hidden, kTypes[0]));
}

void Host::hide_funcs() {
  for (const wasm::FuncType& type : kTypes) hidden_.push_back(make(Deed::secret, type));
}

runtime::Func* Host::make(Deed deed, const wasm::FuncType& type) {
  Entry& entry = entries_.emplace_back(Entry{this, deed, nullptr});
  entry.func = store_.add_host_func(type, &Host::enter, &entry);
  return entry.func;
}

Trap Host::enter(void* env, runtime::HostCall& call, const uint64_t* args, uint64_t* results) {
  const Entry& entry = *static_cast<Entry*>(env);
  Host& host = *entry.host;
  ++host.calls_;
  const uint8_t group = host.check_call(entry, call, args);
  const uint64_t first = entry.func->params == 0 ? 0 : args[0];
  const auto& types = entry.func->type->results;
  for (size_t i = 0; i < types.size(); ++i) {
    results[i] = wasm::is_ref(types[i])
                     ? host.groups_.reference(group, types[i], host.calls_ * 7 + i)
                     : number_of(types[i], host.calls_);
  }
  return host.act(entry, call, group, first, results);
}

// Checks who called, whether that was allowed, and the arguments. Returns the caller's group.
uint8_t Host::check_call(const Entry& entry, const runtime::HostCall& call, const uint64_t* args) {
  if (entry.deed == Deed::secret) breach("a function ran that no instance was given");
  uint8_t group = group_of_call_;
  if (call.caller != nullptr) {
    groups_.add(*call.caller);
    group = groups_.group_of(*call.caller);
    if (call.memory != call.caller->memory0()) breach("a host call with another's memory");
  } else if (std::exchange(called_by_host_, nullptr) != entry.func) {
    breach("a host function was called by nobody");
  }
  groups_.check(group, wasm::ValType::funcref, reinterpret_cast<uint64_t>(entry.func),
                "a host call");
  for (size_t i = 0; i < entry.func->params; ++i) {
    const wasm::ValType type = entry.func->type->params[i];
    if (wasm::is_ref(type)) {
      groups_.check(group, type, args[i], "an argument of a host call");
      continue;
    }
    const bool narrow = type == wasm::ValType::i32 || type == wasm::ValType::f32;
    if (narrow && args[i] >> 32 != 0) breach("an argument of 32 bits with an upper half");
    secrets_.check(args[i], "an argument of a host call");
  }
  return group;
}

Trap Host::act(const Entry& entry, runtime::HostCall& call, uint8_t group, uint64_t first,
               uint64_t* results) {
  switch (entry.deed) {
    case Deed::pass: results[0] = first; return Trap::none;
    case Deed::back: return call_back(group);
    case Deed::call: {
      auto* const func = reinterpret_cast<runtime::Func*>(first);
      return func == nullptr ? Trap::none : invoke(*func, group);
    }
    case Deed::fails: return calls_ % 2 == 0 ? Trap::host_failure : Trap::none;
    case Deed::grow: {
      int32_t old_pages = 0;
      return call.memory == nullptr ? Trap::none
                                    : runtime::memory_grow(*call.memory, first & 1, old_pages);
    }
    default: return Trap::none;
  }
}

// Calls any member, but never a function of the host, which would call back without paying.
Trap Host::call_back(uint8_t group) {
  const uint64_t reference = groups_.reference(group, wasm::ValType::funcref, calls_ * 5);
  auto* const func = reinterpret_cast<runtime::Func*>(reference);
  return func == nullptr || func->is_host() ? Trap::none : invoke(*func, group);
}

Trap Host::invoke(runtime::Func& func, uint8_t group) {
  std::vector<engine::Value> args;
  for (const wasm::ValType type : func.type->params) {
    const uint64_t number = calls_ + args.size() * 3;
    args.push_back({type, wasm::is_ref(type) ? groups_.reference(group, type, number)
                                             : number_of(type, number)});
  }
  const runtime::Func* const before =
      std::exchange(called_by_host_, func.is_host() ? &func : nullptr);
  const uint8_t group_before = std::exchange(group_of_call_, group);
  const Result<engine::Outcome> outcome = engine::invoke(execution_, func, args);
  called_by_host_ = before;
  group_of_call_ = group_before;
  if (!outcome) breach("a call with what the store did not hand out");
  for (const engine::Value& value : outcome->results) {
    if (wasm::is_ref(value.type)) {
      groups_.check(group, value.type, value.slot, "a result");
    } else {
      secrets_.check(value.slot, "a result");
    }
  }
  return outcome->trap;
}

}  // namespace cordon::fuzz::accepted
