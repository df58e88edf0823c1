// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The types of WebAssembly (spec §2.3) and its index spaces (spec §2.5.1), as plain data.
// Everything above core/base speaks in these.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/base/index.h"

namespace cordon::wasm {

// A value type is its byte in the binary format (spec §5.3.1).
enum class ValType : uint8_t {
  i32 = 0x7f,
  i64 = 0x7e,
  f32 = 0x7d,
  f64 = 0x7c,
  funcref = 0x70,
  externref = 0x6f,
};

constexpr bool is_ref(ValType type) {
  return type == ValType::funcref || type == ValType::externref;
}

constexpr std::string_view name_of(ValType type) {
  switch (type) {
    case ValType::i32: return "i32";
    case ValType::i64: return "i64";
    case ValType::f32: return "f32";
    case ValType::f64: return "f64";
    case ValType::funcref: return "funcref";
    case ValType::externref: return "externref";
  }
  return "?";
}

struct FuncType {
  std::vector<ValType> params, results;
  bool operator==(const FuncType&) const = default;
};

inline constexpr uint32_t kNoMaximum = ~uint32_t{0};

// Pages for memories, elements for tables (spec §2.3.7). A maximum of 2^32 - 1 elements and none
// are the same.
struct Limits {
  uint32_t min = 0;
  uint32_t max = kNoMaximum;
  bool has_max = false;
  bool operator==(const Limits&) const = default;
};

struct MemoryType {
  Limits limits;
  bool operator==(const MemoryType&) const = default;
};

struct TableType {
  ValType element = ValType::funcref;
  Limits limits;
  bool operator==(const TableType&) const = default;
};

struct GlobalType {
  ValType value = ValType::i32;
  bool is_mutable = false;
  bool operator==(const GlobalType&) const = default;
};

using TypeIdx = Index<struct TypeIdxTag>;
using FuncIdx = Index<struct FuncIdxTag>;
using TableIdx = Index<struct TableIdxTag>;
using MemoryIdx = Index<struct MemoryIdxTag>;
using GlobalIdx = Index<struct GlobalIdxTag>;
using ElemIdx = Index<struct ElemIdxTag>;
using DataIdx = Index<struct DataIdxTag>;
using LocalIdx = Index<struct LocalIdxTag>;
using LabelIdx = Index<struct LabelIdxTag>;

// The kinds of imports and exports, in the numbers of the binary format (spec §5.4.1).
enum class ExternKind : uint8_t { Func = 0, Table = 1, Memory = 2, Global = 3 };

constexpr std::string_view name_of(ExternKind kind) {
  constexpr std::string_view kNames[] = {"func", "table", "memory", "global"};
  return kNames[static_cast<uint8_t>(kind)];
}

}  // namespace cordon::wasm
