// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/oracle/reference/request.h"

#include <algorithm>
#include <span>

#include "core/base/json.h"
#include "fuzz/gen/constants.h"
#include "fuzz/oracle/host.h"
#include "fuzz/oracle/peer.h"
#include "fuzz/oracle/provided.h"
#include "fuzz/oracle/run_options.h"

namespace cordon::fuzz {
namespace {

using wasm::ExternKind;
using wasm::ValType;

// As text: JavaScript reads no number of 64 bits from JSON.
template <class T>
void write_numbers(JsonWriter& json, std::string_view key, std::span<const T> numbers) {
  json.key(key).begin_array();
  for (const T number : numbers) json.value(std::to_string(number));
  json.end_array();
}

void write_types(JsonWriter& json, std::string_view key, std::span<const ValType> types) {
  json.key(key).begin_array();
  for (const ValType type : types) json.value(wasm::name_of(type));
  json.end_array();
}

void write_limits(JsonWriter& json, const wasm::Limits& limits) {
  json.key("min").value(limits.min);
  if (limits.has_max) json.key("max").value(limits.max);
}

void write_func_type(JsonWriter& json, const wasm::FuncType& type) {
  json.begin_object();
  write_types(json, "params", type.params);
  write_types(json, "results", type.results);
  json.end_object();
}

void write_func(JsonWriter& json, const wasm::Module& module, uint32_t index) {
  write_func_type(json, module.types[module.funcs[index].value]);
}

// The part that goes by the kind. `index` is what the value of a global is made from.
void write_provided(JsonWriter& json, ExternKind kind, const Provided& what, uint32_t index) {
  json.begin_object();
  if (kind == ExternKind::Table) {
    json.key("element").value(wasm::name_of(what.table.element));
    write_limits(json, what.table.limits);
  } else if (kind == ExternKind::Memory) {
    write_limits(json, what.memory.limits);
  } else {
    json.key("type").value(wasm::name_of(what.global.value));
    json.key("mutable").boolean(what.global.is_mutable);
    json.key("index").value(index);
  }
  json.key("grown").value(what.grown).end_object();
}

void write_imports(JsonWriter& json, const wasm::Module& module) {
  const uint32_t strangeness = options_of(module).imports;
  json.key("imports").begin_array();
  for (const wasm::Import& each : module.imports) {
    if (each.kind == ExternKind::Func) {
      write_func(json, module, each.index);
    } else if (each.kind == ExternKind::Tag) {
      write_func_type(json, module.types[module.tags[each.index].value]);
    } else {
      write_provided(json, each.kind, provided(module, each, strangeness), each.index);
    }
  }
  json.end_array();
}

// With the types that the module gives them.
void write_exports(JsonWriter& json, const wasm::Module& module) {
  json.key("exports").begin_array();
  for (const wasm::Export& each : module.exports) {
    Provided type;
    switch (each.kind) {
      case ExternKind::Func: write_func(json, module, each.index); continue;
      case ExternKind::Tag: continue;
      case ExternKind::Table: type.table = module.tables[each.index]; break;
      case ExternKind::Memory: type.memory = module.memories[each.index]; break;
      case ExternKind::Global: type.global = module.globals[each.index].type; break;
    }
    write_provided(json, each.kind, type, each.index);
  }
  json.end_array();
}

// Where JavaScript finds memory 0: {"import": place} or {"export": place}.
void write_memory(JsonWriter& json, const wasm::Module& module) {
  const auto is_memory = [](const auto& item) {
    return item.kind == ExternKind::Memory && item.index == 0;
  };
  const auto place = [&](std::string_view list, const auto& items) {
    const auto found = std::find_if(items.begin(), items.end(), is_memory);
    if (found == items.end()) return false;
    json.begin_object().key(list).value(static_cast<uint64_t>(found - items.begin())).end_object();
    return true;
  };
  json.key("memory");
  if (!place("import", module.imports) && !place("export", module.exports)) json.null();
}

std::string plan_of(const wasm::Module& module) {
  JsonWriter json;
  json.begin_object();
  write_imports(json, module);
  write_exports(json, module);
  write_memory(json, module);
  json.key("reenter");
  const std::optional<uint32_t> reentered = reentered_export(module);
  reentered ? json.value(*reentered) : json.null();
  json.end_object();
  return json.take();
}

void append_sized(std::string& out, std::string_view bytes) {
  const auto size = static_cast<uint32_t>(bytes.size());
  out.append(reinterpret_cast<const char*>(&size), sizeof size).append(bytes);
}

std::string_view text(ByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

std::string reference_settings() {
  JsonWriter json;
  json.begin_object();
  write_numbers<uint64_t>(json, "integers", kIntegers);
  write_numbers<uint32_t>(json, "floats32", kFloats32);
  write_numbers<uint64_t>(json, "floats64", kFloats64);
  json.key("maxHashedPages").value(kMaxHashedPages);
  json.key("messages").begin_array();
#define OURS(trap, text)
#define THEIRS(message, text) json.begin_array().value(message).value(text).end_array();
#include "fuzz/oracle/reference/traps.def"
  json.end_array().end_object();
  return json.take();
}

std::string reference_request(ByteSpan bytes, const wasm::Module* module) {
  std::string message;
  append_sized(message, module == nullptr ? "null" : plan_of(*module));
  append_sized(message, module == nullptr ? "" : text(peer_of(*module)));
  return message.append(text(bytes));
}

}  // namespace cordon::fuzz
