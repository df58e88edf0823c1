// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// ModuleBuilder: wasm modules for tests, written in the test. It tracks the index spaces and writes
// the sections in order; it does not check types, so that it can write invalid modules too. For
// malformed ones change the bytes, or join sections by section() and raw_module().
//
//     ModuleBuilder module;
//     const uint32_t add = module.func({{ValType::i32, ValType::i32}, {ValType::i32}},
//         WasmBytes().local_get(0).local_get(1).op(Op::i32_add));
//     module.export_("add", ExternKind::Func, add);
//     std::vector<uint8_t> bytes = module.build();
//
// Imports of a kind come before everything else of that kind; out of order is a CHECK.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/wasm/types.h"
#include "tests/kit/wasm_bytes.h"

namespace cordon::testing {

inline constexpr uint8_t kCustomSection = 0, kTypeSection = 1, kImportSection = 2,
                         kFunctionSection = 3, kTableSection = 4, kMemorySection = 5,
                         kGlobalSection = 6, kExportSection = 7, kStartSection = 8,
                         kElementSection = 9, kCodeSection = 10, kDataSection = 11,
                         kDataCountSection = 12, kTagSection = 13;

// One section; one that begins with a name, as a custom section does; and the header followed by
// sections.
WasmBytes section(uint8_t id, const WasmBytes& content);
WasmBytes custom_section(std::string_view name, const WasmBytes& content);
WasmBytes raw_module(std::initializer_list<WasmBytes> sections);

struct Locals {
  uint32_t count;
  wasm::ValType type;
};

class ModuleBuilder {
 public:
  // Every one of these returns the index of what it adds. Equal types are one type.
  uint32_t type(const wasm::FuncType& type);
  uint32_t import_func(std::string_view module, std::string_view name, const wasm::FuncType& type);
  uint32_t import_table(std::string_view module, std::string_view name, wasm::TableType type);
  uint32_t import_memory(std::string_view module, std::string_view name, wasm::Limits limits);
  uint32_t import_global(std::string_view module, std::string_view name, wasm::GlobalType type);
  // The types of tags have no results.
  uint32_t import_tag(std::string_view module, std::string_view name, const wasm::FuncType& type);
  uint32_t tag(const wasm::FuncType& type);
  // `code` without the final `end`, which the builder adds.
  uint32_t func(const wasm::FuncType& type, const WasmBytes& code,
                const std::vector<Locals>& locals = {});
  // The same with all of the body's bytes after its size, runs of locals included.
  uint32_t raw_func(const wasm::FuncType& type, const WasmBytes& body);
  uint32_t table(wasm::TableType type);
  uint32_t memory(wasm::Limits limits);
  // `init` without `end`.
  uint32_t global(wasm::GlobalType type, const WasmBytes& init);
  // A segment as its bytes, flags first; or the common forms: function indices into table 0, bytes
  // into memory 0, at a constant offset; passive bytes.
  uint32_t raw_elem(const WasmBytes& segment);
  uint32_t elem(int32_t offset, const std::vector<uint32_t>& funcs);
  uint32_t raw_data(const WasmBytes& segment);
  uint32_t data(int32_t offset, std::string_view bytes);
  uint32_t passive_data(std::string_view bytes);

  ModuleBuilder& export_(std::string_view name, wasm::ExternKind kind, uint32_t index);
  ModuleBuilder& start(uint32_t func);
  // Otherwise the data count section is left out.
  ModuleBuilder& with_data_count();
  // After all other sections.
  ModuleBuilder& custom(std::string_view name, const WasmBytes& content);
  // A name section with the function's name (spec §7.4.1).
  ModuleBuilder& func_name(uint32_t func, std::string_view name);

  std::vector<uint8_t> build() const;

 private:
  struct Section {
    uint32_t count = 0;
    WasmBytes items;
    void write(uint8_t id, WasmBytes& out) const;
  };
  void import(std::string_view module, std::string_view name, wasm::ExternKind kind);

  std::vector<wasm::FuncType> types_;
  Section imports_, funcs_, tables_, memories_, tags_, globals_, exports_, elems_, codes_, datas_,
      names_;
  uint32_t imported_[5] = {};  // by ExternKind
  WasmBytes start_, customs_;
  bool data_count_ = false;
};

}  // namespace cordon::testing
