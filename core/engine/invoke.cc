// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/engine/invoke.h"

#include <algorithm>

#include "core/engine/call.h"
#include "core/engine/diagnostics.h"
#include "core/engine/extern_type.h"

namespace cordon::engine {

namespace {

constexpr size_t kMaxListed = 8;
constexpr size_t kMaxListedName = 64;

// The beginning of a long name, cut between characters (UTF-8).
std::string_view shortened(std::string_view name) {
  size_t size = std::min(name.size(), kMaxListedName);
  while (size < name.size() && size > 0 && (name[size] & 0xc0) == 0x80) --size;
  return name.substr(0, size);
}

std::string quoted(std::string_view name) { return "\"" + std::string(name) + "\""; }

// The error, with the exports that could be called instead.
Failure no_such_export(const runtime::Instance& instance, std::string_view name) {
  std::string list;
  size_t count = 0;
  for (const wasm::Export& item : instance.module->module().exports) {
    if (item.kind != wasm::ExternKind::Func) continue;
    if (count++ >= kMaxListed) continue;
    list += (list.empty() ? "" : ", ") + quoted(shortened(item.name));
  }
  if (count == 0) return fail(diag::no_exported_func, kNoOffset, quoted(name));
  if (count > kMaxListed) list += " and " + std::to_string(count - kMaxListed) + " more";
  return fail(diag::unknown_export, kNoOffset, quoted(name) + "; functions exported: " + list);
}

Result<void> check_count(const wasm::FuncType& type, size_t given) {
  if (given == type.params.size()) return {};
  return fail(diag::argument_count, kNoOffset, std::to_string(given) + " for " + describe(type));
}

}  // namespace

Result<runtime::Func*> find_func(const runtime::Instance& instance, std::string_view name) {
  std::optional<runtime::Extern> found = instance.find_export(name);
  if (!found) return no_such_export(instance, name);
  auto* func = std::get_if<runtime::Func*>(&*found);
  if (func == nullptr) {
    return fail(diag::export_kind, kNoOffset,
                quoted(name) + " is no function but " + describe(*found));
  }
  return *func;
}

Result<Outcome> invoke(runtime::Execution& execution, runtime::Func& func,
                       std::span<const Value> arguments) {
  if (execution.refused) return Failure(*execution.refused);
  TRY_VOID(check_count(*func.type, arguments.size()));
  std::vector<uint64_t> slots;
  slots.reserve(func.params);
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i].type != func.type->params[i]) {
      return fail(diag::argument_type, kNoOffset,
                  to_typed_text(arguments[i]) + " for " + describe(*func.type));
    }
    slots.push_back(runtime::slot_of_number(arguments[i].type, arguments[i].slot));
    if (wasm::slots_of(arguments[i].type) == 2) slots.push_back(arguments[i].high);
    if (wasm::is_ref(arguments[i].type) &&
        func.store->take_in(arguments[i].type, slots.back()) != Trap::none) {
      return fail(diag::argument_store, kNoOffset, to_typed_text(arguments[i]));
    }
  }
  std::vector<uint64_t> results(func.results);
  execution.trace.clear();
  Outcome outcome;
  outcome.trap = call(execution, func, slots.data(), results.data());
  if (execution.refused) return Failure(*execution.refused);
  if (outcome.trap != Trap::none) return outcome;
  outcome.results.reserve(func.type->results.size());
  const uint64_t* slot = results.data();
  for (const wasm::ValType type : func.type->results) {
    outcome.results.push_back(Value::of_slots(type, slot));
    slot += wasm::slots_of(type);
  }
  return outcome;
}

Result<Outcome> invoke(runtime::Execution& execution, const runtime::Instance& instance,
                       std::string_view name, std::span<const Value> arguments) {
  runtime::Func* func = TRY(find_func(instance, name));
  return invoke(execution, *func, arguments);
}

Result<std::vector<Value>> parse_arguments(const wasm::FuncType& type,
                                           std::span<const std::string> texts) {
  TRY_VOID(check_count(type, texts.size()));
  std::vector<Value> values;
  values.reserve(texts.size());
  for (size_t i = 0; i < texts.size(); ++i) {
    values.push_back(TRY(parse_value(type.params[i], texts[i])));
  }
  return values;
}

}  // namespace cordon::engine
