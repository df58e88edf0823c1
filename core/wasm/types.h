// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The types of WebAssembly (spec §2.3) and its index spaces (spec §2.5.1), as plain data, used by
// everything above core/base.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/base/index.h"
#include "core/wasm/val_type.h"

namespace cordon::wasm {

// A function type (spec §2.3.6): parameters and results in their order.
struct FuncType {
  std::vector<ValType> params, results;
  bool operator==(const FuncType&) const = default;
};

// The type of addresses of a memory or table (spec of 3.0 §2.3.10). All are i32 so far.
enum class AddressType : uint8_t { i32, i64 };

inline constexpr uint64_t kNoMaximum = ~uint64_t{0};

// Pages for memories, elements for tables (spec §2.3.7).
struct Limits {
  uint64_t min = 0;
  uint64_t max = kNoMaximum;
  bool has_max = false;
  AddressType address = AddressType::i32;
  bool operator==(const Limits&) const = default;
};

// Spec §2.3.8. Limits in pages of 64 KiB, as declared: validation checks them.
struct MemoryType {
  Limits limits;
  bool operator==(const MemoryType&) const = default;
};

// Spec §2.3.9. Limits in elements, as declared.
struct TableType {
  ValType element = ValType::funcref;
  Limits limits;
  bool operator==(const TableType&) const = default;
};

// Spec §2.3.10.
struct GlobalType {
  ValType value = ValType::i32;
  bool is_mutable = false;
  bool operator==(const GlobalType&) const = default;
};

using FuncIdx = Index<struct FuncIdxTag>;
using TableIdx = Index<struct TableIdxTag>;
using MemoryIdx = Index<struct MemoryIdxTag>;
using GlobalIdx = Index<struct GlobalIdxTag>;
using ElemIdx = Index<struct ElemIdxTag>;
using DataIdx = Index<struct DataIdxTag>;
using LocalIdx = Index<struct LocalIdxTag>;
using LabelIdx = Index<struct LabelIdxTag>;
using TagIdx = Index<struct TagIdxTag>;

// The kinds of imports and exports, in the numbers of the binary format (spec §5.4.1).
enum class ExternKind : uint8_t { Func = 0, Table = 1, Memory = 2, Global = 3, Tag = 4 };

// The kind as the text format spells it; static storage.
constexpr std::string_view name_of(ExternKind kind) {
  constexpr std::string_view kNames[] = {"func", "table", "memory", "global", "tag"};
  return kNames[static_cast<uint8_t>(kind)];
}

}  // namespace cordon::wasm
