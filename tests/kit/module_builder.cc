// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/kit/module_builder.h"

#include <algorithm>

#include "core/base/check.h"

namespace cordon::testing {

using wasm::ExternKind;

WasmBytes section(uint8_t id, const WasmBytes& content) {
  return WasmBytes().u8(id).sized(content);
}

WasmBytes custom_section(std::string_view name, const WasmBytes& content) {
  return section(kCustomSection, WasmBytes().name(name).append(content));
}

WasmBytes raw_module(std::initializer_list<WasmBytes> sections) {
  WasmBytes out{0, 'a', 's', 'm', 1, 0, 0, 0};
  for (const WasmBytes& section : sections) out.append(section);
  return out;
}

void ModuleBuilder::Section::write(uint8_t id, WasmBytes& out) const {
  if (count != 0) out.append(section(id, WasmBytes().u32(count).append(items)));
}

uint32_t ModuleBuilder::type(const wasm::FuncType& type) {
  const auto found = std::find(types_.begin(), types_.end(), type);
  if (found != types_.end()) return static_cast<uint32_t>(found - types_.begin());
  types_.push_back(type);
  return static_cast<uint32_t>(types_.size() - 1);
}

void ModuleBuilder::import(std::string_view module, std::string_view name, ExternKind kind) {
  const uint32_t defined[] = {funcs_.count, tables_.count, memories_.count, globals_.count,
                              tags_.count};
  CHECK(defined[static_cast<uint8_t>(kind)] == 0);
  ++imports_.count;
  ++imported_[static_cast<uint8_t>(kind)];
  imports_.items.name(module).name(name).u8(static_cast<uint8_t>(kind));
}

uint32_t ModuleBuilder::import_func(std::string_view module, std::string_view name,
                                    const wasm::FuncType& type) {
  import(module, name, ExternKind::Func);
  imports_.items.u32(this->type(type));
  return imported_[static_cast<uint8_t>(ExternKind::Func)] - 1;
}

uint32_t ModuleBuilder::import_table(std::string_view module, std::string_view name,
                                     wasm::TableType type) {
  import(module, name, ExternKind::Table);
  imports_.items.type(type.element).limits(type.limits);
  return imported_[static_cast<uint8_t>(ExternKind::Table)] - 1;
}

uint32_t ModuleBuilder::import_memory(std::string_view module, std::string_view name,
                                      wasm::Limits limits) {
  import(module, name, ExternKind::Memory);
  imports_.items.limits(limits);
  return imported_[static_cast<uint8_t>(ExternKind::Memory)] - 1;
}

uint32_t ModuleBuilder::import_tag(std::string_view module, std::string_view name,
                                   const wasm::FuncType& type) {
  const uint32_t index = this->type(type);
  import(module, name, ExternKind::Tag);
  imports_.items.u8(0).u32(index);
  return imported_[static_cast<uint8_t>(ExternKind::Tag)] - 1;
}

uint32_t ModuleBuilder::tag(const wasm::FuncType& type) {
  tags_.items.u8(0).u32(this->type(type));
  return imported_[static_cast<uint8_t>(ExternKind::Tag)] + tags_.count++;
}

uint32_t ModuleBuilder::import_global(std::string_view module, std::string_view name,
                                      wasm::GlobalType type) {
  import(module, name, ExternKind::Global);
  imports_.items.type(type.value).u8(type.is_mutable ? 1 : 0);
  return imported_[static_cast<uint8_t>(ExternKind::Global)] - 1;
}

uint32_t ModuleBuilder::func(const wasm::FuncType& type, const WasmBytes& code,
                             const std::vector<Locals>& locals) {
  WasmBytes body;
  body.u32(static_cast<uint32_t>(locals.size()));
  for (const Locals& run : locals) body.u32(run.count).type(run.type);
  return raw_func(type, body.append(code).end());
}

uint32_t ModuleBuilder::raw_func(const wasm::FuncType& type, const WasmBytes& body) {
  funcs_.items.u32(this->type(type));
  codes_.items.sized(body);
  ++codes_.count;
  return imported_[static_cast<uint8_t>(ExternKind::Func)] + funcs_.count++;
}

uint32_t ModuleBuilder::table(wasm::TableType type) {
  tables_.items.type(type.element).limits(type.limits);
  return imported_[static_cast<uint8_t>(ExternKind::Table)] + tables_.count++;
}

uint32_t ModuleBuilder::memory(wasm::Limits limits) {
  memories_.items.limits(limits);
  return imported_[static_cast<uint8_t>(ExternKind::Memory)] + memories_.count++;
}

uint32_t ModuleBuilder::global(wasm::GlobalType type, const WasmBytes& init) {
  globals_.items.type(type.value).u8(type.is_mutable ? 1 : 0).append(init).end();
  return imported_[static_cast<uint8_t>(ExternKind::Global)] + globals_.count++;
}

uint32_t ModuleBuilder::raw_elem(const WasmBytes& segment) {
  elems_.items.append(segment);
  return elems_.count++;
}

uint32_t ModuleBuilder::elem(int32_t offset, const std::vector<uint32_t>& funcs) {
  WasmBytes segment;
  segment.u32(0).i32_const(offset).end().u32(static_cast<uint32_t>(funcs.size()));
  for (const uint32_t func : funcs) segment.u32(func);
  return raw_elem(segment);
}

uint32_t ModuleBuilder::raw_data(const WasmBytes& segment) {
  datas_.items.append(segment);
  return datas_.count++;
}

uint32_t ModuleBuilder::data(int32_t offset, std::string_view bytes) {
  return raw_data(WasmBytes().u32(0).i32_const(offset).end().name(bytes));
}

uint32_t ModuleBuilder::passive_data(std::string_view bytes) {
  return raw_data(WasmBytes().u32(1).name(bytes));
}

ModuleBuilder& ModuleBuilder::export_(std::string_view name, ExternKind kind, uint32_t index) {
  exports_.items.name(name).u8(static_cast<uint8_t>(kind)).u32(index);
  ++exports_.count;
  return *this;
}

ModuleBuilder& ModuleBuilder::start(uint32_t func) {
  start_ = WasmBytes().u32(func);
  return *this;
}

ModuleBuilder& ModuleBuilder::with_data_count() {
  data_count_ = true;
  return *this;
}

ModuleBuilder& ModuleBuilder::custom(std::string_view name, const WasmBytes& content) {
  customs_.append(custom_section(name, content));
  return *this;
}

ModuleBuilder& ModuleBuilder::func_name(uint32_t func, std::string_view name) {
  names_.items.u32(func).name(name);
  ++names_.count;
  return *this;
}

std::vector<uint8_t> ModuleBuilder::build() const {
  Section types;
  for (const wasm::FuncType& type : types_) {
    types.items.u8(0x60).u32(static_cast<uint32_t>(type.params.size()));
    for (const wasm::ValType param : type.params) types.items.type(param);
    types.items.u32(static_cast<uint32_t>(type.results.size()));
    for (const wasm::ValType result : type.results) types.items.type(result);
    ++types.count;
  }
  WasmBytes out = raw_module({});
  types.write(kTypeSection, out);
  imports_.write(kImportSection, out);
  funcs_.write(kFunctionSection, out);
  tables_.write(kTableSection, out);
  memories_.write(kMemorySection, out);
  tags_.write(kTagSection, out);
  globals_.write(kGlobalSection, out);
  exports_.write(kExportSection, out);
  if (start_.size() != 0) out.append(section(kStartSection, start_));
  elems_.write(kElementSection, out);
  if (data_count_) out.append(section(kDataCountSection, WasmBytes().u32(datas_.count)));
  codes_.write(kCodeSection, out);
  datas_.write(kDataSection, out);
  out.append(customs_);
  if (names_.count != 0) {
    constexpr uint8_t kFunctionNames = 1;
    const WasmBytes map = WasmBytes().u32(names_.count).append(names_.items);
    out.append(custom_section("name", WasmBytes().u8(kFunctionNames).sized(map)));
  }
  return out.bytes();
}

}  // namespace cordon::testing
