// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/wasm/summary.h"

#include <algorithm>

#include "core/base/hex.h"
#include "core/base/json.h"
#include "core/wasm/names.h"
#include "core/wasm/print.h"

namespace cordon::wasm {
namespace {

std::string_view section_name(uint8_t id) {
  switch (id) {
#define SECTION(id, ident, text) \
  case id: return text;
#include "core/wasm/sections.def"
    default: return "?";
  }
}

// A module that is not validated may have an index out of range.
std::string type_of(const Module& module, ExternKind kind, uint32_t index) {
  switch (kind) {
    case ExternKind::Func:
      if (index >= module.funcs.size() || module.funcs[index].value >= module.types.size()) break;
      return print(module.types[module.funcs[index].value]);
    case ExternKind::Table: {
      if (index >= module.tables.size()) break;
      const TableType& table = module.tables[index];
      return std::string(name_of(table.element)) + ' ' + print(table.limits);
    }
    case ExternKind::Memory:
      if (index >= module.memories.size()) break;
      return print(module.memories[index].limits);
    case ExternKind::Global: {
      if (index >= module.globals.size()) break;
      const GlobalType type = module.globals[index].type;
      return (type.is_mutable ? "mut " : "") + std::string(name_of(type.value));
    }
    case ExternKind::Tag:
      if (index >= module.tags.size() || module.tags[index].value >= module.types.size()) break;
      return print(module.types[module.tags[index].value]);
  }
  return "unknown";
}

std::vector<SectionSummary> sections_of(const Module& module) {
  std::vector<SectionSummary> sections;
  sections.reserve(module.sections.size() + module.customs.size());
  for (const SectionInfo& section : module.sections) {
    sections.push_back({std::string(section_name(section.id)), section.range});
  }
  for (const CustomSection& custom : module.customs) {
    sections.push_back({"custom " + quoted(custom.name), custom.range});
  }
  std::sort(sections.begin(), sections.end(),
            [](const auto& a, const auto& b) { return a.range.offset < b.range.offset; });
  return sections;
}

void write(JsonWriter& json, const Limits& limits) {
  json.begin_object().key("min").value(limits.min);
  if (limits.has_max) json.key("max").value(limits.max);
  json.end_object();
}

void write(JsonWriter& json, const ExternSummary& item, bool is_import) {
  json.begin_object();
  if (is_import) json.key("module").value(item.module);
  json.key("name").value(item.name).key("kind").value(name_of(item.kind));
  json.key("type").value(item.type).end_object();
}

void write(JsonWriter& json, const SectionSummary& section) {
  json.begin_object().key("name").value(section.name);
  json.key("offset").value(section.range.offset).key("size").value(section.range.size);
  json.end_object();
}

void add_line(std::string& out, const ExternSummary& item, std::string_view module) {
  out += "  ";
  if (!module.empty()) out.append(module) += ' ';
  (out += quoted(item.name)) += ' ';
  out += name_of(item.kind);
  if (!item.type.empty()) out += ' ' + item.type;
  out += '\n';
}

std::string counts(const ModuleSummary& summary) {
  const auto line = [](std::string_view label, uint64_t number, std::string_view rest) {
    std::string text(label);
    text.append(text.size() < 10 ? 10 - text.size() : 1, ' ');
    text += std::to_string(number);
    return text.append(rest) += '\n';
  };
  std::string largest;
  if (summary.largest_func_size != 0) {
    largest = " bytes, largest function " + std::to_string(summary.largest_func) + " with " +
              std::to_string(summary.largest_func_size);
  }
  return line("types", summary.types, "") +
         line("functions", summary.funcs,
              ", of them " + std::to_string(summary.imported_funcs) + " imported, " +
                  std::to_string(summary.named_funcs) + " named") +
         line("tables", summary.tables, "") + line("globals", summary.globals, "") +
         line("elements", summary.elems, " segments") +
         line("data", summary.datas, " segments, " + std::to_string(summary.data_size) + " bytes") +
         line("code", summary.code_size, largest.empty() ? " bytes" : largest);
}

}  // namespace

ModuleSummary summarize(const Module& module) {
  const Names names(module);
  ModuleSummary summary{};
  summary.size = module.bytes().size();
  summary.name = names.module_name();
  summary.sections = sections_of(module);
  for (const Import& item : module.imports) {
    summary.imports.push_back(
        {item.module, item.name, item.kind, type_of(module, item.kind, item.index)});
  }
  for (const Export& item : module.exports) {
    summary.exports.push_back({{}, item.name, item.kind, type_of(module, item.kind, item.index)});
  }
  for (const MemoryType& memory : module.memories) summary.memories.push_back(memory.limits);
  summary.types = static_cast<uint32_t>(module.types.size());
  summary.imported_funcs = module.imported_funcs;
  summary.funcs = static_cast<uint32_t>(module.funcs.size());
  summary.tables = static_cast<uint32_t>(module.tables.size());
  summary.globals = static_cast<uint32_t>(module.globals.size());
  summary.elems = static_cast<uint32_t>(module.elems.size());
  summary.datas = static_cast<uint32_t>(module.datas.size());
  summary.code_size = module.code_section.size;
  for (uint32_t i = 0; i < module.bodies.size(); ++i) {
    if (module.bodies[i].code.size <= summary.largest_func_size) continue;
    summary.largest_func = module.imported_funcs + i;
    summary.largest_func_size = module.bodies[i].code.size;
  }
  for (const DataSegment& data : module.datas) summary.data_size += data.init.size;
  summary.named_funcs = static_cast<uint32_t>(names.function_count());
  summary.has_start = module.start.has_value();
  return summary;
}

std::string to_text(const ModuleSummary& summary) {
  std::string out = "module    ";
  if (!summary.name.empty()) (out += quoted(summary.name)) += ", ";
  out += std::to_string(summary.size) + " bytes\n" + counts(summary);
  for (const Limits& memory : summary.memories) {
    out += "memory    " + print(memory) + " (pages of 64 KiB: at least, at most)\n";
  }
  if (summary.has_start) out += "start     yes\n";
  out += "needs     WebAssembly 1.0";
  for (const Feature feature : summary.needs) (out += ", ") += name_of(feature);
  out += '\n';
  out += "sections\n";
  for (const SectionSummary& section : summary.sections) {
    out += "  " + hex(section.range.offset) + ' ' + std::to_string(section.range.size) + ' ' +
           section.name + '\n';
  }
  if (!summary.imports.empty()) out += "imports\n";
  for (const ExternSummary& item : summary.imports) add_line(out, item, quoted(item.module));
  if (!summary.exports.empty()) out += "exports\n";
  for (const ExternSummary& item : summary.exports) add_line(out, item, {});
  return out;
}

std::string to_json(const ModuleSummary& summary) {
  JsonWriter json;
  json.begin_object().key("size").value(summary.size);
  if (!summary.name.empty()) json.key("name").value(summary.name);
  const std::pair<std::string_view, uint64_t> numbers[] = {
      {"types", summary.types},
      {"functions", summary.funcs},
      {"imported_functions", summary.imported_funcs},
      {"named_functions", summary.named_funcs},
      {"tables", summary.tables},
      {"globals", summary.globals},
      {"element_segments", summary.elems},
      {"data_segments", summary.datas},
      {"data_size", summary.data_size},
      {"code_size", summary.code_size},
      {"largest_function", summary.largest_func},
      {"largest_function_size", summary.largest_func_size},
  };
  for (const auto& [name, number] : numbers) json.key(name).value(number);
  json.key("start").boolean(summary.has_start);
  json.key("needs").begin_array();
  for (const Feature feature : summary.needs) json.value(name_of(feature));
  json.end_array();
  json.key("memories").begin_array();
  for (const Limits& memory : summary.memories) write(json, memory);
  json.end_array().key("sections").begin_array();
  for (const SectionSummary& section : summary.sections) write(json, section);
  json.end_array().key("imports").begin_array();
  for (const ExternSummary& item : summary.imports) write(json, item, true);
  json.end_array().key("exports").begin_array();
  for (const ExternSummary& item : summary.exports) write(json, item, false);
  json.end_array().end_object();
  return json.take();
}

}  // namespace cordon::wasm
